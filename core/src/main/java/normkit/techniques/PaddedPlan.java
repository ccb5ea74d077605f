package normkit.techniques;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import normkit.tensor.Arguments;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * What plans for padded batches have in common: dense plans for the specs that packed tensors turn out to have. The first
 * {@value #MOST} are kept until {@link #close}, which must not be called while an execution is under way; further ones serve
 * one execution each. A plan is thread-safe.
 *
 * @param <P> the dense plans
 */
public abstract class PaddedPlan<P extends normkit.Plan> implements AutoCloseable {

    private static final int MOST = 64;

    private final TensorSpec x;
    private final Function<TensorSpec, P> dense;
    private final Map<TensorSpec, P> kept = new ConcurrentHashMap<>();
    private volatile boolean closed;

    PaddedPlan(TensorSpec x, Function<TensorSpec, P> dense) {
        this.x = Objects.requireNonNull(x, "x");
        this.dense = dense;
        if (x.layout() == Layout.ROWS || x.rank() < 3) {
            throw new IllegalArgumentException(
                    "x is " + x + "; it must have samples, channels and positions, channels first or last");
        }
    }

    /**
     * Returns the spec of x, padding included.
     *
     * @return what was planned
     */
    public final TensorSpec spec() {
        return x;
    }

    /** Frees what the plan holds. */
    @Override
    public final void close() {
        closed = true;
        kept.values().forEach(P::close);
        kept.clear();
    }

    /** Does work with the dense plan for a spec. */
    final <R> R with(TensorSpec spec, Function<P, R> work) {
        requireOpen();
        P plan = kept.get(spec);
        if (plan != null) {
            return work.apply(plan);
        }
        P made = dense.apply(spec);
        if (kept.size() < MOST && kept.putIfAbsent(spec, made) == null) {
            return work.apply(made);
        }
        try (made) {
            return work.apply(made);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the plan is closed");
        }
    }

    /** Checks what is not copied, so that no dense plan sees it; these check the rest before anything is written back. */
    final void checkForward(Tensor input, Positions valid, Tensor scale, Tensor shift, Tensor y) {
        Arguments.require("x", input, x);
        checkPositions(valid);
        Arguments.require("y", y, x);
        Arguments.output("y", y);
        Arguments.apartOrSame("y", y, "x", input);
        Arguments.apart("y", y, "scale", scale);
        Arguments.apart("y", y, "shift", shift);
    }

    /** As {@link #checkForward}. */
    final void checkBackward(Tensor dy, Tensor input, Positions valid, Tensor scale, Tensor dx, Tensor dscale,
            Tensor dshift) {
        Arguments.require("dy", dy, x);
        Arguments.require("x", input, x);
        checkPositions(valid);
        Arguments.optional("dx", dx, x);
        Arguments.output("dx", dx);
        Arguments.apartOrSame("dx", dx, "dy", dy);
        Arguments.apartOrSame("dx", dx, "x", input);
        Arguments.apart("dx", dx, "scale", scale);
        checkParameterGradient("dscale", dscale, dy, input, dx);
        checkParameterGradient("dshift", dshift, dy, input, dx);
    }

    private static void checkParameterGradient(String name, Tensor gradient, Tensor dy, Tensor input, Tensor dx) {
        Arguments.apart(name, gradient, "dy", dy);
        Arguments.apart(name, gradient, "x", input);
        Arguments.apart(name, gradient, "dx", dx);
    }

    /** Checks a big tensor against statistics, of which dense plans see only their own. */
    static void apart(String name, Tensor tensor, Statistics statistics) {
        if (statistics != null) {
            Arguments.apart(name, tensor, "mean", statistics.mean());
            Arguments.apart(name, tensor, "variance", statistics.variance());
            Arguments.apart(name, tensor, "rstd", statistics.rstd());
        }
    }

    private void checkPositions(Positions valid) {
        if (valid == null) {
            throw new NullPointerException("valid is null; it must be Positions");
        }
        if (valid.samples() != x.batch() || valid.length() != x.spatial()) {
            throw new IllegalArgumentException("valid is " + valid + "; it must be of " + x.batch() + "x" + x.spatial()
                    + " positions for x of " + x);
        }
    }
}
