package normkit.bench.cli;

import normkit.activation.Activation;
import normkit.bench.files.BadInputException;
import normkit.bench.run.LayoutName;
import normkit.bench.run.Shape;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that make a problem: what {@code apply} and {@code explain} have in common. */
final class ProblemOptions {

    private static final double DEFAULT_EPSILON = 1e-5;

    @Parameters(index = "0", paramLabel = "OP", converter = OperatorConverter.class, description = "layer_norm, rms_norm, batch_norm, group_norm or instance_norm; "
            + "apply: also weight_norm, weight_standardization, spectral_norm, local_response_norm, lp_norm, scale_norm, "
            + "mean_variance_norm, standardization or min_max_scaling")
    private Operator operator;

    @Option(names = "--mode", defaultValue = "train", description = "train, infer or backward (default: train); infer differs from train for batch_norm only")
    private Mode mode;

    @Option(names = "--frozen", description = "backward of batch_norm with given statistics, as constants")
    private boolean frozen;

    @Option(names = "--layout", description = "ncx is channels-first, nxc channels-last, of any rank "
            + "(default: ncx; layer_norm and rms_norm: rows)")
    private LayoutName layout;

    @Option(names = "--normalized-shape", paramLabel = "AxB", converter = ShapeConverter.class, description = "trailing axes layer_norm and rms_norm go over (default: the last)")
    private Shape normalizedShape;

    @Option(names = "--groups", paramLabel = "G", description = "groups of channels of group_norm")
    private Long groups;

    @Option(names = "--eps", paramLabel = "E", description = "added to the variance (default: 1e-5; other techniques: their own)")
    private Double epsilon;

    @Option(names = "--activation", paramLabel = "F", description = "what y is put through: relu, leaky_relu or leaky_relu(slope), gelu, gelu_tanh, silu, sigmoid or tanh")
    private String activation;

    @Option(names = "--activation-before", paramLabel = "F", description = "what x is put through before")
    private String activationBefore;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = "auto, scalar, simd or onednn (default: auto)")
    private String backend;

    /** What is not one of the five operations, or null. */
    Technique technique() {
        return operator.technique();
    }

    /** The operation, which must be one of the five. */
    Operation operation() {
        if (operator.operation() == null) {
            throw new BadInputException(operator.technique().label()
                    + " is for apply only; the operation must be one of " + OperationConverter.NAMES);
        }
        return operator.operation();
    }

    /** ε, if it was given. */
    Double epsilon() {
        return epsilon;
    }

    Mode mode() {
        return mode;
    }

    boolean frozen() {
        return frozen;
    }

    boolean rowwise() {
        Operation operation = operation();
        return operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
    }

    Layout layout() {
        if (layout == null) {
            return rowwise() ? Layout.ROWS : Layout.CHANNELS_FIRST;
        }
        return layout.layout();
    }

    /** The layout of what is no operation. */
    Layout layout(Layout unlessGiven) {
        return layout == null ? unlessGiven : layout.layout();
    }

    /** Refuses options of operations, where a technique has no use for them. */
    void requireNone() {
        if (frozen || normalizedShape != null || groups != null) {
            String option = frozen ? "--frozen" : groups != null ? "--groups" : "--normalized-shape";
            throw new BadInputException(option + " is not for " + operator.technique().label());
        }
        if (activation != null || activationBefore != null) {
            String option = activation != null ? "--activation" : "--activation-before";
            throw new BadInputException(option + " is not for " + operator.technique().label());
        }
    }

    /** The backend to force, or null. */
    String backend() {
        return backend.equals("auto") ? null : backend;
    }

    Pass pass() {
        Operation operation = operation();
        if (frozen && (operation != Operation.BATCH_NORM || mode != Mode.BACKWARD)) {
            throw new BadInputException("--frozen is for batch_norm with --mode backward");
        }
        return switch (mode) {
            case TRAIN -> Pass.FORWARD;
            case INFER -> operation == Operation.BATCH_NORM ? Pass.INFERENCE : Pass.FORWARD;
            case BACKWARD -> frozen ? Pass.FROZEN_BACKWARD : Pass.BACKWARD;
        };
    }

    /**
     * Makes the problem.
     *
     * @throws BadInputException if an option is out of range or does not go with the operation or with x
     */
    Problem problem(TensorSpec x, boolean hasScale, boolean hasShift) {
        return problem(x, hasScale, hasShift, false);
    }

    /** The same, perhaps with a residual. */
    Problem problem(TensorSpec x, boolean hasScale, boolean hasShift, boolean residual) {
        double added = epsilon == null ? DEFAULT_EPSILON : epsilon;
        if (!(added >= 0 && added < Double.POSITIVE_INFINITY)) {
            throw new BadInputException("--eps is " + added + "; it must be finite and at least 0");
        }
        try {
            return new Problem(operation(), pass(), x, normalizedRank(x), groupCount(x), hasScale, hasShift, added,
                    new Fusion(activation("--activation-before", activationBefore),
                            activation("--activation", activation), residual));
        } catch (IllegalArgumentException e) {
            throw new BadInputException(e.getMessage(), e);
        }
    }

    private static Activation activation(String option, String label) {
        try {
            return label == null ? null : Activation.of(label);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(option + ": " + e.getMessage(), e);
        }
    }

    private int normalizedRank(TensorSpec x) {
        if (normalizedShape == null) {
            return rowwise() ? 1 : 0;
        }
        if (!rowwise()) {
            throw new BadInputException(
                    "--normalized-shape is for layer_norm and rms_norm, not for " + operation().label());
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

    private long groupCount(TensorSpec x) {
        if (operation() != Operation.GROUP_NORM) {
            if (groups != null) {
                throw new BadInputException("--groups is for group_norm, not for " + operation().label());
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
