/** The commands of the command line. */
package normkit.bench.cli;
