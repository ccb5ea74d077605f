/**
 * Checks any {@link normkit.spi.Backend} against an oracle: {@link normkit.conformance.Conformance} runs
 * {@link normkit.conformance.Case}s, each reproducible from its name alone, and gives a {@link normkit.conformance.Report}.
 *
 * <p>A case is chosen by {@code CaseSpace}, its data are made by {@link normkit.conformance.Values} and laid between guard
 * zones by {@code Guarded}, the backend works on them in {@code Trial}, {@code Oracle} says what must come out, in
 * arithmetic of twice the precision of double, and {@code Judge} compares. Nothing here shares code with a backend.
 */
package normkit.conformance;
