/**
 * What the command {@code apply} runs: the five operations, and the techniques with the options each reads. The way in is
 * {@link normkit.bench.apply.Application}.
 */
package normkit.bench.apply;
