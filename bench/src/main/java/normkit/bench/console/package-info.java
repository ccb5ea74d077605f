/** What commands print: tables, numbers and progress. */
package normkit.bench.console;
