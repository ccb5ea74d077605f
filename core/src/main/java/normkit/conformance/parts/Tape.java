package normkit.conformance.parts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Remembers how numbers were computed, so that a formula that is written down once, forward, gives its gradients as well: by
 * the chain rule, from the last number to the first (reverse accumulation).
 */
public final class Tape {

    private final List<Term> terms = new ArrayList<>();

    /** Begins with nothing. */
    public Tape() {
    }

    /**
     * Takes a number as it is: a variable, or a constant.
     *
     * @param value the number
     * @return the term
     */
    public Term term(Quad value) {
        return add(value, value.abs(), new Term[0], new Quad[0], new double[0]);
    }

    /**
     * Adds up.
     *
     * @param summands any number of terms
     * @return the sum
     */
    public Term sum(Term... summands) {
        Quad sum = Quad.ZERO;
        double size = 0;
        for (Term summand : summands) {
            sum = sum.plus(summand.value());
            size += summand.size();
        }
        Quad[] slopes = new Quad[summands.length];
        Arrays.fill(slopes, Quad.of(1));
        double[] sizes = new double[summands.length];
        Arrays.fill(sizes, 1);
        return add(sum, size, summands.clone(), slopes, sizes);
    }

    Term add(Quad value, double size, Term[] from, Quad[] slopes, double[] slopeSizes) {
        Term term = new Term(this, value, size, from, slopes, slopeSizes);
        terms.add(term);
        return term;
    }

    /**
     * Computes the gradient of one term with regard to every one before it: {@link Term#gradient}.
     *
     * @param loss the term
     */
    public void differentiate(Term loss) {
        terms.forEach(Term::forget);
        loss.begin();
        for (int i = terms.size() - 1; i >= 0; i--) {
            terms.get(i).passOn();
        }
    }
}
