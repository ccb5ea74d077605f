/**
 * What a kernel works on: element types, memory layouts, shapes, and views of arrays and native memory.
 *
 * <p>This package is the bottom of the library: everything else may use it and it uses nothing but the JDK.
 */
package normkit.tensor;
