/** Options that several commands have in common. */
package normkit.bench.options;
