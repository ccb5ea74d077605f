/** Benchmarks, and their timing for the main job. */
package normkit.bench.jmh;
