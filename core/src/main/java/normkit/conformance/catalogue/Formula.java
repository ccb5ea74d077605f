package normkit.conformance.catalogue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import normkit.conformance.parts.Quad;
import normkit.conformance.parts.Tape;
import normkit.conformance.parts.Term;

/** What a technique's paper says, computed from the numbers of a case. */
final class Formula {

    private final Tape tape = new Tape();
    private final Map<String, Term[]> inputs = new LinkedHashMap<>();
    private final Map<String, Term[]> outputs = new LinkedHashMap<>();
    private final Map<String, double[]> values;
    private final double share;
    private final List<Quad> constants;
    private final boolean again;
    private final List<Term> losses = new ArrayList<>();
    private int next;

    private Formula(Map<String, double[]> values, double share, List<Quad> constants, boolean again) {
        this.values = values;
        this.share = share;
        this.constants = constants;
        this.again = again;
    }

    /**
     * Begins a formula.
     *
     * @param values numbers of the inputs
     * @param share how much of the mean's magnitude counts to the size of a difference from the mean: 0 where the mean is
     *        known to more digits than the type has
     */
    Formula(Map<String, double[]> values, double share) {
        this(values, share, new ArrayList<>(), false);
    }

    /** The same formula of other numbers, with the same constants. */
    Formula with(Map<String, double[]> others) {
        return new Formula(others, share, constants, true);
    }

    /** The elements of an input. */
    Term[] in(String name) {
        return inputs.computeIfAbsent(name,
                n -> Arrays.stream(values.get(n)).mapToObj(this::number).toArray(Term[]::new));
    }

    Term number(double value) {
        return tape.term(Quad.of(value));
    }

    /** The same number as a constant, through which no gradient goes. */
    Term constant(Term term) {
        if (!again) {
            constants.add(term.value());
        }
        return tape.term(constants.get(next++)).sized(term.size());
    }

    Term sum(Term... terms) {
        return tape.sum(terms);
    }

    /** Says what an output must be. */
    void out(String name, Term... exact) {
        outputs.put(name, exact);
    }

    /** Adds Σdy·y, whose gradients are those that must come out. */
    void loss(String dy, Term... y) {
        Term[] gradients = in(dy);
        Term[] products = new Term[y.length];
        Arrays.setAll(products, i -> y[i].times(gradients[i]));
        losses.add(sum(products));
    }

    /** What an output must be, or null if the formula does not say so. */
    Term[] exact(String output) {
        return outputs.get(output);
    }

    Term loss() {
        return sum(losses.toArray(Term[]::new));
    }

    void differentiate() {
        tape.differentiate(loss());
    }

    /** A mean and a biased variance. */
    record Moments(Term mean, Term variance, double count) {

        /** Variance divided by count − 1; that of a single value stays 0. */
        Term unbiased() {
            return count > 1 ? variance.times(count).over(count - 1) : variance;
        }
    }

    /** Of some elements: first the mean, then the squares of the differences from it. */
    Moments moments(Term[] x, int... chosen) {
        Term[] some = Arrays.stream(chosen).mapToObj(i -> x[i]).toArray(Term[]::new);
        Term mean = sum(some).over((double) some.length);
        Term[] squares = new Term[some.length];
        Arrays.setAll(squares, i -> {
            Term d = some[i].minus(mean).sized(0);
            return d.times(d);
        });
        Term variance = sum(squares).over((double) some.length);
        double deviation = Math.sqrt(variance.value().value());
        double ofMean = mean.value().abs();
        // Where the mean's own rounding counts, it does so in a variance that is pooled from parts with other means.
        return new Moments(mean.sized(Math.max(ofMean, deviation)), variance.sized(share * ofMean * deviation),
                some.length);
    }

    /** x − mean, with errors that are measured by a deviation where the difference is less. */
    Term difference(Term x, Term mean, double deviation) {
        return x.minus(mean)
                .sized(Math.max(x.value().minus(mean.value()).abs(), Math.max(deviation, share * mean.value().abs())));
    }

    /** (x − mean)/√(variance + ε), 0 where that is 0/0. */
    Term normalized(Term x, Term mean, Term variance, double epsilon) {
        Term square = variance.plus(epsilon);
        if (square.value().value() == 0) {
            return number(0);
        }
        Term rstd = square.reciprocalRoot();
        return difference(x, mean, 1 / rstd.value().value()).times(rstd);
    }

    Term normalized(Term x, Moments moments, double epsilon) {
        return normalized(x, moments.mean(), moments.variance(), epsilon);
    }

    /** What running statistics become: (1 − w)·old + w·batch. */
    static Term blend(Term old, Term batch, double weight) {
        return old.times(1 - weight).plus(batch.times(weight));
    }
}
