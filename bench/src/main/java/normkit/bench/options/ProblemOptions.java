package normkit.bench.options;

import normkit.activation.Activation;
import normkit.bench.files.BadInputException;
import normkit.bench.run.LayoutName;
import normkit.bench.run.Shape;
import normkit.bench.run.Workload;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import picocli.CommandLine.Option;

/** The options that make a problem of an operation: what {@code apply} and {@code explain} have in common. */
public final class ProblemOptions {

    private static final double DEFAULT_EPSILON = 1e-5;

    @Option(names = "--mode", defaultValue = "train", description = "train, infer or backward (default: train); infer differs from train where there are running statistics")
    private Mode mode;

    @Option(names = "--frozen", description = "backward of batch_norm with given statistics, as constants")
    private boolean frozen;

    @Option(names = "--layout", description = "ncx is channels-first, nxc channels-last, of any rank "
            + "(default: ncx; rows for layer_norm, rms_norm, and techniques that know no channels)")
    private LayoutName layout;

    @Option(names = "--normalized-shape", paramLabel = "AxB", converter = ShapeConverter.class, description = "trailing axes layer_norm and rms_norm go over (default: the last)")
    private Shape normalizedShape;

    @Option(names = "--groups", paramLabel = "G", description = "groups of channels of group_norm")
    private Long groups;

    @Option(names = "--eps", paramLabel = "E", description = "added to the variance (default: 1e-5; techniques: their own)")
    private Double epsilon;

    @Option(names = "--activation", paramLabel = "F", description = "what y is put through: relu, leaky_relu or leaky_relu(slope), gelu, gelu_tanh, silu, sigmoid or tanh")
    private String activation;

    @Option(names = "--activation-before", paramLabel = "F", description = "what x is put through before")
    private String activationBefore;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = "auto, scalar, simd or onednn (default: auto)")
    private String backend;

    /** Nothing given yet. */
    public ProblemOptions() {
    }

    /**
     * Returns what is asked for.
     *
     * @return the mode
     */
    public Mode mode() {
        return mode;
    }

    /**
     * Returns the layout of x.
     *
     * @param otherwise the layout if none is given
     * @return the layout
     */
    public Layout layout(Layout otherwise) {
        return layout == null ? otherwise : layout.layout();
    }

    /**
     * Returns ε.
     *
     * @return what is given, finite and at least 0; null if nothing is
     * @throws BadInputException if it is out of range
     */
    public Double epsilon() {
        if (epsilon != null && !(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new BadInputException("--eps is " + epsilon + "; it must be finite and at least 0");
        }
        return epsilon;
    }

    /**
     * Returns the backend to force.
     *
     * @return its name, or null
     */
    public String backend() {
        return backend.equals("auto") ? null : backend;
    }

    /**
     * Makes the problem.
     *
     * @param operation the operation
     * @param x spec of the input
     * @param hasScale whether there is γ
     * @param hasShift whether there is β
     * @return the problem
     * @throws BadInputException if an option is out of range or does not go with the operation or with x
     */
    public Problem problem(Operation operation, TensorSpec x, boolean hasScale, boolean hasShift) {
        return problem(operation, x, hasScale, hasShift, false);
    }

    /**
     * Makes the problem, perhaps with a residual.
     *
     * @param operation the operation
     * @param x spec of the input
     * @param hasScale whether there is γ
     * @param hasShift whether there is β
     * @param residual whether a residual is added to x
     * @return the problem
     * @throws BadInputException if an option is out of range or does not go with the operation or with x
     */
    public Problem problem(Operation operation, TensorSpec x, boolean hasScale, boolean hasShift, boolean residual) {
        double added = epsilon() == null ? DEFAULT_EPSILON : epsilon();
        try {
            return new Problem(operation, pass(operation), x, normalizedRank(operation, x), groupCount(operation, x),
                    hasScale, hasShift, added, new Fusion(activation("--activation-before", activationBefore),
                            activation("--activation", activation), residual));
        } catch (IllegalArgumentException e) {
            throw new BadInputException(e.getMessage(), e);
        }
    }

    private Pass pass(Operation operation) {
        if (frozen && (operation != Operation.BATCH_NORM || mode != Mode.BACKWARD)) {
            throw new BadInputException("--frozen is for batch_norm with --mode backward");
        }
        return switch (mode) {
            case TRAIN -> Pass.FORWARD;
            case INFER -> operation == Operation.BATCH_NORM ? Pass.INFERENCE : Pass.FORWARD;
            case BACKWARD -> frozen ? Pass.FROZEN_BACKWARD : Pass.BACKWARD;
        };
    }

    private static Activation activation(String option, String label) {
        try {
            return label == null ? null : Activation.of(label);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(option + ": " + e.getMessage(), e);
        }
    }

    private int normalizedRank(Operation operation, TensorSpec x) {
        boolean rowwise = Workload.rowwise(operation);
        if (normalizedShape == null) {
            return rowwise ? 1 : 0;
        }
        if (!rowwise) {
            throw new BadInputException(
                    "--normalized-shape is for layer_norm and rms_norm, not for " + operation.label());
        }
        long[] axes = normalizedShape.axes();
        for (int i = 0; i < axes.length; i++) {
            if (axes.length > x.rank() || axes[i] != x.axis(x.rank() - axes.length + i)) {
                throw new BadInputException("--normalized-shape is " + normalizedShape + "; it must be the trailing "
                        + "axes of x, which is " + x);
            }
        }
        return axes.length;
    }

    private long groupCount(Operation operation, TensorSpec x) {
        if (operation != Operation.GROUP_NORM) {
            if (groups != null) {
                throw new BadInputException("--groups is for group_norm, not for " + operation.label());
            }
            return 0;
        }
        if (groups == null) {
            throw new BadInputException("--groups is missing; group_norm must have it");
        }
        if (x.layout() != Layout.ROWS && (groups < 1 || x.channels() % groups != 0)) {
            throw new BadInputException("--groups is " + groups + "; it must be a divisor of the " + x.channels()
                    + " channels of x, which is " + x);
        }
        return groups;
    }
}
