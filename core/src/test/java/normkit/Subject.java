package normkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** One pass of one operation, with the names its arguments have in messages. */
record Subject(Operation operation, Pass pass, Fusion fusion) {

    private static final Fusion ACTIVATIONS = Fusion.of("silu,norm,gelu");
    private static final Fusion RESIDUAL = Fusion.of("add,norm,tanh");

    /** What group norm is planned with. */
    static final long GROUPS = 3;

    private static final List<String> STATISTICS = List.of("mean", "variance", "rstd");

    Subject(Operation operation, Pass pass) {
        this(operation, pass, Fusion.NONE);
    }

    /** Every pass of every operation, alone and with what can be fused with it. */
    static List<Subject> andFused() {
        List<Subject> fused = new ArrayList<>(all());
        for (Subject subject : all()) {
            fused.add(new Subject(subject.operation, subject.pass, ACTIVATIONS));
            if (subject.rowwise()) {
                fused.add(new Subject(subject.operation, subject.pass, RESIDUAL));
            }
        }
        return fused;
    }

    static List<Subject> all() {
        List<Subject> all = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (Pass pass : Pass.values()) {
                boolean given = pass == Pass.INFERENCE || pass == Pass.FROZEN_BACKWARD;
                if (!given || operation == Operation.BATCH_NORM) {
                    all.add(new Subject(operation, pass));
                }
            }
        }
        return all;
    }

    boolean rowwise() {
        return operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
    }

    /** The layouts the operation works on. */
    List<Layout> layouts() {
        return rowwise() ? List.of(Layout.ROWS) : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST);
    }

    /** A small x with several sets. */
    TensorSpec small() {
        return rowwise() ? TensorSpec.rows(3, 4, 5) : TensorSpec.channelsFirst(2, 6, 3, 2);
    }

    /** Odd shapes in every layout and type: several blocks, and sets so small that several share a block. */
    List<TensorSpec> odd() {
        List<TensorSpec> specs = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (Layout layout : layouts()) {
                List<long[]> shapes = switch (layout) {
                    case ROWS -> List.of(new long[] {37, 211}, new long[] {2, 9001}, new long[] {300, 5});
                    case CHANNELS_FIRST -> List.of(new long[] {3, 6, 17, 19}, new long[] {5, 6, 3, 2});
                    case CHANNELS_LAST -> List.of(new long[] {3, 17, 19, 6}, new long[] {5, 3, 2, 66});
                };
                shapes.forEach(shape -> specs.add(TensorSpec.of(type, layout, shape)));
            }
        }
        return specs;
    }

    /** Plans with γ, β and ε = 1e-5; rows are all axes but the first, and single values are allowed. */
    Plan plan(TensorSpec x) {
        return plan(x, 1e-5);
    }

    Plan plan(TensorSpec x, double epsilon) {
        return plan(x, epsilon, true, PlanOptions.DEFAULT);
    }

    Plan plan(TensorSpec x, PlanOptions options) {
        return plan(x, 1e-5, true, options);
    }

    /** Plans without γ and β. */
    Plan planWithoutParameters(TensorSpec x) {
        return plan(x, 1e-5, false, PlanOptions.DEFAULT);
    }

    private Plan plan(TensorSpec x, double epsilon, boolean affine, PlanOptions options) {
        long[] row = Arrays.copyOfRange(x.shape(), 1, x.rank());
        return switch (operation) {
            case LAYER_NORM -> {
                LayerNorm norm = LayerNorm.over(row).epsilon(epsilon);
                norm = fusion.residual() ? norm.addingResidual() : norm;
                norm = fusion.before() != null ? norm.after(fusion.before()) : norm;
                norm = fusion.after() != null ? norm.then(fusion.after()) : norm;
                yield (affine ? norm : norm.withoutScale().withoutShift()).plan(x, options);
            }
            case RMS_NORM -> {
                RmsNorm norm = RmsNorm.over(row).epsilon(epsilon);
                norm = fusion.residual() ? norm.addingResidual() : norm;
                norm = fusion.before() != null ? norm.after(fusion.before()) : norm;
                norm = fusion.after() != null ? norm.then(fusion.after()) : norm;
                yield (affine ? norm.withShift() : norm.withoutScale()).plan(x, options);
            }
            case BATCH_NORM -> {
                BatchNorm norm = BatchNorm.create().epsilon(epsilon).singleValue(BatchNorm.SingleValue.ALLOW);
                norm = fusion.before() != null ? norm.after(fusion.before()) : norm;
                norm = fusion.after() != null ? norm.then(fusion.after()) : norm;
                yield (affine ? norm : norm.withoutScale().withoutShift()).plan(x, options);
            }
            case GROUP_NORM -> {
                GroupNorm norm = GroupNorm.of(GROUPS).epsilon(epsilon);
                norm = fusion.before() != null ? norm.after(fusion.before()) : norm;
                norm = fusion.after() != null ? norm.then(fusion.after()) : norm;
                yield (affine ? norm : norm.withoutScale().withoutShift()).plan(x, options);
            }
            case INSTANCE_NORM -> {
                InstanceNorm norm = InstanceNorm.create().epsilon(epsilon);
                norm = fusion.before() != null ? norm.after(fusion.before()) : norm;
                norm = fusion.after() != null ? norm.then(fusion.after()) : norm;
                yield (affine ? norm : norm.withoutScale().withoutShift()).plan(x, options);
            }
        };
    }

    List<String> inputs() {
        return switch (pass) {
            case FORWARD ->
                fusion.residual() ? List.of("x", "residual", "scale", "shift") : List.of("x", "scale", "shift");
            case INFERENCE -> join(List.of("x", "scale", "shift"), STATISTICS);
            case BACKWARD, FROZEN_BACKWARD -> {
                List<String> inputs = new ArrayList<>(List.of("dy", "x", "scale"));
                inputs.addAll(fusion.after() != null ? List.of("shift") : List.of());
                inputs.addAll(fusion.residual() ? List.of("dsum") : List.of());
                yield join(inputs, STATISTICS);
            }
        };
    }

    /** What the pass writes; running statistics are read as well. */
    List<String> outputs() {
        return switch (pass) {
            case FORWARD -> operation == Operation.BATCH_NORM
                    ? join(List.of("y"), join(STATISTICS, List.of("running mean", "running variance")))
                    : join(fusion.residual() ? List.of("y", "sum") : List.of("y"), STATISTICS);
            case INFERENCE -> List.of("y");
            case BACKWARD, FROZEN_BACKWARD -> List.of("dx", "dscale", "dshift");
        };
    }

    List<String> arguments() {
        return join(inputs(), outputs());
    }

    private static List<String> join(List<String> first, List<String> second) {
        List<String> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    @Override
    public String toString() {
        return operation.label() + " " + pass.name().toLowerCase(Locale.ROOT) + (fusion.any() ? " " + fusion : "");
    }
}
