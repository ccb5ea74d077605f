package normkit.bench.cli;

import normkit.spi.Operation;

/**
 * What is to be applied: one of the two.
 *
 * @param operation one of the five operations, or null
 * @param technique something else, or null
 */
record Operator(Operation operation, Technique technique) {}
