/**
 * One operation and pass as one callable thing, whatever its class in the library: for commands and benchmarks alike.
 */
package normkit.bench.run;
