package normkit.spi;

import java.util.Objects;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * One problem a backend is asked to solve: operation, pass and everything that is known before data arrives.
 *
 * @param operation what is normalized together
 * @param pass direction and source of the statistics
 * @param x spec of the input; output and gradients have the same
 * @param normalizedRank number of trailing axes a row has, for layer and RMS norm; 0 otherwise
 * @param groups number of channel groups, for group norm (instance norm: the channels); 0 otherwise
 * @param hasScale whether there is a γ
 * @param hasShift whether there is a β
 * @param epsilon ε, added to the variance inside the root
 * @param fusion what else is done to the elements
 */
public record Problem(Operation operation, Pass pass, TensorSpec x, int normalizedRank, long groups, boolean hasScale,
        boolean hasShift, double epsilon, Fusion fusion) {

    /** Checks that the parts are there and fit each other. */
    public Problem {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(pass, "pass");
        Objects.requireNonNull(x, "x");
        Objects.requireNonNull(fusion, "fusion");
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + "; it must be finite and at least 0");
        }
        if (rowwise(operation)) {
            if (normalizedRank < 1 || normalizedRank > x.rank()) {
                throw new IllegalArgumentException("normalized shape has " + normalizedRank
                        + " axes; it must have 1 to " + x.rank() + " for x of " + x);
            }
        } else if (x.layout() == Layout.ROWS) {
            throw new IllegalArgumentException(operation.label() + " needs a channel axis, but x is " + x
                    + "; it must be channels-first or channels-last");
        }
        if (operation == Operation.GROUP_NORM && (groups < 1 || x.channels() % groups != 0)) {
            throw new IllegalArgumentException(
                    "groups is " + groups + "; it must be a divisor of the " + x.channels() + " channels of x, " + x);
        }
        if (fusion.residual() && !rowwise(operation)) {
            throw new IllegalArgumentException(operation.label() + " has a residual; it must be layer or RMS norm");
        }
    }

    /**
     * A problem of nothing but a normalization.
     *
     * @param operation what is normalized together
     * @param pass direction and source of the statistics
     * @param x spec of the input; output and gradients have the same
     * @param normalizedRank number of trailing axes a row has, for layer and RMS norm; 0 otherwise
     * @param groups number of channel groups, for group norm (instance norm: the channels); 0 otherwise
     * @param hasScale whether there is a γ
     * @param hasShift whether there is a β
     * @param epsilon ε, added to the variance inside the root
     */
    public Problem(Operation operation, Pass pass, TensorSpec x, int normalizedRank, long groups, boolean hasScale,
            boolean hasShift, double epsilon) {
        this(operation, pass, x, normalizedRank, groups, hasScale, hasShift, epsilon, Fusion.NONE);
    }

    private static boolean rowwise(Operation operation) {
        return operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
    }

    /**
     * Returns the shape of γ and β: the normalized shape, or the channels.
     *
     * @return spec of a parameter in x's type
     */
    public TensorSpec parameterSpec() {
        if (rowwise(operation)) {
            long[] shape = x.shape();
            long[] normalized = java.util.Arrays.copyOfRange(shape, shape.length - normalizedRank, shape.length);
            return TensorSpec.of(x.type(), Layout.ROWS, normalized);
        }
        return TensorSpec.of(x.type(), Layout.ROWS, x.channels());
    }

    /**
     * Returns the shape of a mean, variance or rstd: the leading axes that are not normalized (one element if there are
     * none), the channels, (batch, groups) or (batch, channels).
     *
     * @return spec of a statistic in x's type
     */
    public TensorSpec statisticsSpec() {
        return switch (operation) {
            case LAYER_NORM, RMS_NORM -> {
                long[] lead = java.util.Arrays.copyOf(x.shape(), x.rank() - normalizedRank);
                yield TensorSpec.of(x.type(), Layout.ROWS, lead.length == 0 ? new long[] {1} : lead);
            }
            case BATCH_NORM -> TensorSpec.of(x.type(), Layout.ROWS, x.channels());
            case GROUP_NORM -> TensorSpec.of(x.type(), Layout.ROWS, x.batch(), groups);
            case INSTANCE_NORM -> TensorSpec.of(x.type(), Layout.ROWS, x.batch(), x.channels());
        };
    }

    /**
     * Returns the number of elements that share one mean and variance.
     *
     * @return elements per set; 0 for an empty tensor
     */
    public long setSize() {
        long sets = statisticsSpec().elements();
        return sets == 0 ? 0 : x.elements() / sets;
    }

    /**
     * Returns the element type.
     *
     * @return type of x
     */
    public DataType type() {
        return x.type();
    }

    /**
     * Tells whether the elements of a channel of a sample lie together as a plane: channels come first and there are spatial
     * axes. Without those, channels first and last are the same.
     *
     * @return true if so
     */
    public boolean hasPlanes() {
        return x.layout() == Layout.CHANNELS_FIRST && x.spatial() > 1;
    }

    /**
     * Tells whether the backward pass needs β: through an activation of the output.
     *
     * @return true if so
     */
    public boolean gradientNeedsShift() {
        return pass.backward() && hasShift && fusion.after() != null;
    }

    /** Returns for example {@code layer_norm forward F32 ROWS 128x768 scale shift eps 1.0E-5 norm,gelu}. */
    @Override
    public String toString() {
        return operation.label() + " " + pass.name().toLowerCase(java.util.Locale.ROOT) + " " + x
                + (operation == Operation.GROUP_NORM ? " groups " + groups : "")
                + (normalizedRank > 1 ? " over " + normalizedRank + " axes" : "") + (hasScale ? " scale" : "")
                + (hasShift ? " shift" : "") + " eps " + epsilon + (fusion.any() ? " " + fusion : "");
    }
}
