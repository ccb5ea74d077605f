package normkit.spi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import normkit.activation.Activation;

/**
 * What is done to the elements in the same pass as the normalization: y = after(norm(before(x))), or
 * y = after(norm(x + residual)) with the sum written out. Activations take and return elements rounded to the tensor's type.
 * Immutable.
 *
 * @param before activation of the input; null for none
 * @param after activation of the output; null for none
 * @param residual whether another tensor is added to the input
 */
public record Fusion(Activation before, Activation after, boolean residual) {

    /** Nothing but the normalization. */
    public static final Fusion NONE = new Fusion(null, null, false);

    private static final String ADD = "add";
    private static final String NORM = "norm";

    /** Checks that there is at most one step before the normalization. */
    public Fusion {
        if (residual && before != null) {
            throw new IllegalArgumentException(
                    "the input has a residual and " + before + " before the normalization; it must be one of them");
        }
    }

    /**
     * Sets the activation of the output.
     *
     * @param activation what is applied to the normalized elements
     * @return a changed fusion
     */
    public Fusion then(Activation activation) {
        return new Fusion(before, Objects.requireNonNull(activation, "activation"), residual);
    }

    /**
     * Sets the activation of the input.
     *
     * @param activation what is normalized the results of
     * @return a changed fusion
     * @throws IllegalArgumentException if there is a residual
     */
    public Fusion after(Activation activation) {
        return new Fusion(Objects.requireNonNull(activation, "activation"), after, residual);
    }

    /**
     * Adds another tensor to the input.
     *
     * @return a changed fusion
     * @throws IllegalArgumentException if there is an activation of the input
     */
    public Fusion addingResidual() {
        return new Fusion(before, after, true);
    }

    /**
     * Tells whether there is anything but the normalization.
     *
     * @return false for {@link #NONE}
     */
    public boolean any() {
        return residual || before != null || after != null;
    }

    /**
     * Returns the steps in order.
     *
     * @return for example {@code norm}, {@code add,norm,gelu} or {@code relu,norm}
     */
    public String label() {
        List<String> steps = new ArrayList<>();
        if (residual) {
            steps.add(ADD);
        }
        if (before != null) {
            steps.add(before.label());
        }
        steps.add(NORM);
        if (after != null) {
            steps.add(after.label());
        }
        return String.join(",", steps);
    }

    /**
     * Returns the fusion of a label.
     *
     * @param label what {@link #label} returned
     * @return the fusion
     * @throws IllegalArgumentException if there is none
     */
    public static Fusion of(String label) {
        List<String> steps = Arrays.asList(label.split(","));
        int norm = steps.indexOf(NORM);
        if (norm < 0 || norm > 1 || steps.size() - norm > 2) {
            throw new IllegalArgumentException("fusion is " + label
                    + "; it must be norm, with add or an activation before it and an activation after it at most");
        }
        boolean residual = norm == 1 && steps.getFirst().equals(ADD);
        return new Fusion(norm == 1 && !residual ? Activation.of(steps.getFirst()) : null,
                steps.size() - norm == 2 ? Activation.of(steps.getLast()) : null, residual);
    }

    /** Returns the {@link #label}. */
    @Override
    public String toString() {
        return label();
    }
}
