package normkit.bench.study;

/**
 * How exact a backend is on data of some mean and a standard deviation of 1.
 *
 * @param operation usual name of the operation
 * @param backend name of the backend
 * @param offset mean of the data
 * @param error largest distance of an element of y from the exact result
 */
record Accuracy(String operation, String backend, double offset, double error) {}
