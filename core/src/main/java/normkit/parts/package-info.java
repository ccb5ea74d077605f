/**
 * What plans of techniques are made of besides the kernels: checks of numbers, scratch memory, and walks over the sets of a
 * tensor in double. Not exported.
 */
package normkit.parts;
