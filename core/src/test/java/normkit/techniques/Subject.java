package normkit.techniques;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A technique with everything it needs to run on random data. */
abstract class Subject implements AutoCloseable {

    /** Makes a subject. */
    enum Technique {
        BATCH_INSTANCE_NORM, SWITCHABLE_NORM, BATCH_LAYER_NORM, ADAPTIVE_INSTANCE_NORM, UNBIASED_ADAPTIVE_INSTANCE_NORM;

        Subject on(TensorSpec x, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            return switch (this) {
                case BATCH_INSTANCE_NORM -> new BatchInstance(x, options, memory);
                case SWITCHABLE_NORM -> new Switchable(x, options, memory);
                case BATCH_LAYER_NORM -> new BatchLayer(x, options, memory);
                case ADAPTIVE_INSTANCE_NORM -> new Adaptive(x, false, options, memory);
                case UNBIASED_ADAPTIVE_INSTANCE_NORM -> new Adaptive(x, true, options, memory);
            };
        }
    }

    final TensorSpec spec;
    final Function<TensorSpec, Tensor> memory;
    /** What the forward pass reads, each with a gradient of the name "d" + its name. */
    final Map<String, Tensor> inputs = new LinkedHashMap<>();
    final Map<String, Tensor> outputs = new LinkedHashMap<>();
    final Tensor dy;
    private long seed = 1;

    Subject(TensorSpec spec, Function<TensorSpec, Tensor> memory) {
        this.spec = spec;
        this.memory = memory;
        dy = random(spec, -1, 1);
        input("x", spec, -1, 3);
        output("y", spec);
    }

    final Tensor random(TensorSpec of, double from, double to) {
        SplittableRandom random = new SplittableRandom(seed++);
        Tensor tensor = memory.apply(of);
        for (long i = 0; i < of.elements(); i++) {
            tensor.set(i, random.nextDouble(from, to));
        }
        return tensor;
    }

    final void input(String name, TensorSpec of, double from, double to) {
        inputs.put(name, random(of, from, to));
        output("d" + name, of);
    }

    final void output(String name, TensorSpec of) {
        outputs.put(name, memory.apply(of));
    }

    final Tensor in(String name) {
        return inputs.get(name);
    }

    final Tensor out(String name) {
        return outputs.get(name);
    }

    /** y and what is saved. */
    abstract void forward(Tensor y);

    /** All gradients. */
    abstract void backward(Tensor dx);

    /** The gradient of x alone. */
    abstract void gradient(Tensor dx);

    /** y with given statistics, for what has inference of its own. */
    void infer(Tensor y) {
        forward(y);
    }

    @Override
    public abstract void close();

    /** One per channel, in x's type. */
    final TensorSpec perChannel() {
        return TensorSpec.of(spec.type(), Layout.ROWS, spec.channels());
    }

    static TensorSpec logits(TensorSpec x) {
        return TensorSpec.of(x.type(), Layout.ROWS, 3);
    }

    /** What mixes statistics of the batch with others. */
    private abstract static class Mixing<P extends MixingParameters> extends Subject {

        final MixingPlan<P> plan;
        final P parameters;
        final P gradients;
        final P unwanted;
        final Statistics saved;
        final RunningStatistics running;

        Mixing(MixingPlan<P> plan, TensorSpec spec, Function<TensorSpec, Tensor> memory) {
            super(spec, memory);
            this.plan = plan;
            input("scale", perChannel(), -2, 2);
            input("shift", perChannel(), -2, 2);
            more();
            parameters = parameters(this::in);
            gradients = parameters(name -> out("d" + name));
            unwanted = parameters(name -> null);
            saved = plan.newStatistics();
            outputs.put("mean", saved.mean());
            outputs.put("variance", saved.variance());
            running = new RunningStatistics(random(perChannel(), 0, 1), random(perChannel(), 0.5, 2), 0);
            outputs.put("running mean", running.statistics().mean());
            outputs.put("running variance", running.statistics().variance());
        }

        abstract void more();

        abstract P parameters(Function<String, Tensor> named);

        @Override
        void forward(Tensor y) {
            plan.train(in("x"), parameters, y, saved, running);
        }

        @Override
        void infer(Tensor y) {
            plan.infer(in("x"), parameters, running.statistics(), y);
        }

        @Override
        void backward(Tensor dx) {
            plan.backward(dy, in("x"), parameters, saved, dx, gradients);
        }

        @Override
        void gradient(Tensor dx) {
            plan.backward(dy, in("x"), parameters, saved, dx, unwanted);
        }

        @Override
        public void close() {
            plan.close();
        }
    }

    private static final class BatchInstance extends Mixing<BatchInstanceNorm.Parameters> {

        BatchInstance(TensorSpec x, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            super(BatchInstanceNorm.create().plan(x, options), x, memory);
        }

        @Override
        void more() {
            input("gate", perChannel(), 0, 1);
        }

        @Override
        BatchInstanceNorm.Parameters parameters(Function<String, Tensor> named) {
            return new BatchInstanceNorm.Parameters(named.apply("scale"), named.apply("shift"), named.apply("gate"));
        }
    }

    private static final class Switchable extends Mixing<SwitchableNorm.Parameters> {

        Switchable(TensorSpec x, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            super(SwitchableNorm.create().plan(x, options), x, memory);
        }

        @Override
        void more() {
            input("mean logits", logits(spec), -1, 1);
            input("variance logits", logits(spec), -1, 1);
        }

        @Override
        SwitchableNorm.Parameters parameters(Function<String, Tensor> named) {
            return new SwitchableNorm.Parameters(named.apply("scale"), named.apply("shift"), named.apply("mean logits"),
                    named.apply("variance logits"));
        }
    }

    private static final class BatchLayer extends Mixing<BatchLayerNorm.Parameters> {

        BatchLayer(TensorSpec x, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            super(BatchLayerNorm.create().plan(x, options), x, memory);
        }

        @Override
        void more() {
            // γ and β are all.
        }

        @Override
        BatchLayerNorm.Parameters parameters(Function<String, Tensor> named) {
            return new BatchLayerNorm.Parameters(named.apply("scale"), named.apply("shift"));
        }
    }

    private static final class Adaptive extends Subject {

        private static final double STRENGTH = 0.75;

        private final AdaptiveInstanceNorm.Plan plan;
        private final Statistics savedContent;
        private final Statistics savedStyle;

        Adaptive(TensorSpec x, boolean unbiased, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            super(x, memory);
            TensorSpec style = TensorSpec.of(x.type(), Layout.CHANNELS_FIRST, x.batch(), x.channels(), 3, 4);
            AdaptiveInstanceNorm norm = AdaptiveInstanceNorm.create().strength(STRENGTH);
            plan = (unbiased ? norm.unbiased() : norm).plan(x, style, options);
            input("style", style, -2, 2);
            savedContent = plan.newStatistics();
            savedStyle = plan.newStatistics();
            outputs.put("mean", savedContent.mean());
            outputs.put("variance", savedContent.variance());
            outputs.put("style mean", savedStyle.mean());
            outputs.put("style variance", savedStyle.variance());
        }

        @Override
        void forward(Tensor y) {
            plan.forward(in("x"), in("style"), y, savedContent, savedStyle);
        }

        @Override
        void infer(Tensor y) {
            plan.measure(in("style"), savedStyle);
            plan.forward(in("x"), savedStyle, y);
        }

        @Override
        void backward(Tensor dx) {
            plan.backward(dy, in("x"), in("style"), savedContent, savedStyle, dx, out("dstyle"));
        }

        @Override
        void gradient(Tensor dx) {
            plan.backward(dy, in("x"), in("style"), savedContent, savedStyle, dx, null);
        }

        @Override
        public void close() {
            plan.close();
        }
    }
}
