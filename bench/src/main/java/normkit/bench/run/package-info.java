/**
 * One operation and pass as one callable thing, whatever its class in the library; the problems of real models; and the machine
 * they run on. For commands and benchmarks alike.
 */
package normkit.bench.run;
