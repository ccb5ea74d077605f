/** Benchmarks of the backends, each of which is verified before it is timed. */
package normkit.bench.jmh;
