package normkit.techniques;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A technique with everything it needs to run on random data, and its formula. */
abstract class Subject implements AutoCloseable {

    /** Makes a subject. */
    enum Technique {
        BATCH_INSTANCE_NORM, SWITCHABLE_NORM, BATCH_LAYER_NORM, ADAPTIVE_INSTANCE_NORM, UNBIASED_ADAPTIVE_INSTANCE_NORM;

        Subject on(TensorSpec x, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            Subject subject = switch (this) {
                case BATCH_INSTANCE_NORM -> new BatchInstance(x, options, memory);
                case SWITCHABLE_NORM -> new Switchable(x, options, memory);
                case BATCH_LAYER_NORM -> new BatchLayer(x, options, memory);
                case ADAPTIVE_INSTANCE_NORM -> new Adaptive(x, false, options, memory);
                case UNBIASED_ADAPTIVE_INSTANCE_NORM -> new Adaptive(x, true, options, memory);
            };
            subject.technique = this;
            return subject;
        }
    }

    final TensorSpec spec;
    final Function<TensorSpec, Tensor> memory;
    /** What the forward pass reads, each with a gradient of the name "d" + its name. */
    final Map<String, Tensor> inputs = new LinkedHashMap<>();
    final Map<String, Tensor> outputs = new LinkedHashMap<>();
    final Tensor dy;
    private Technique technique;
    private long seed = 1;

    Subject(TensorSpec spec, Function<TensorSpec, Tensor> memory) {
        this.spec = spec;
        this.memory = memory;
        dy = random(spec, -1, 1);
        input("x", spec, -1, 3);
        output("y", spec);
    }

    final Technique technique() {
        return technique;
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

    /** y by the formula. */
    abstract double[] formula(boolean inference);

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

        final Formula.Spread batch(Formula f, int c, boolean inference) {
            return inference
                    ? new Formula.Spread(running.statistics().mean().get(c), running.statistics().variance().get(c))
                    : f.batch(c);
        }

        final double affine(int c, double normalized) {
            return in("scale").get(c) * normalized + in("shift").get(c);
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

        @Override
        double[] formula(boolean inference) {
            Formula f = new Formula(in("x"));
            return f.all(spec, (n, c, s) -> {
                double rho = in("gate").get(c);
                double b = batch(f, c, inference).normalize(f.x[n][c][s], 1e-5);
                double i = f.instance(n, c).normalize(f.x[n][c][s], 1e-5);
                return affine(c, rho * b + (1 - rho) * i);
            });
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

        private double[] weights(String name) {
            double[] e = new double[3];
            for (int k = 0; k < 3; k++) {
                e[k] = Math.exp(in(name).get(k));
            }
            double sum = e[0] + e[1] + e[2];
            return new double[] {e[0] / sum, e[1] / sum, e[2] / sum};
        }

        @Override
        double[] formula(boolean inference) {
            Formula f = new Formula(in("x"));
            double[] a = weights("mean logits");
            double[] b = weights("variance logits");
            return f.all(spec, (n, c, s) -> {
                List<Formula.Spread> kinds = List.of(f.instance(n, c), f.layer(n), batch(f, c, inference));
                double mean = 0;
                double variance = 0;
                for (int k = 0; k < 3; k++) {
                    mean += a[k] * kinds.get(k).mean();
                    variance += b[k] * kinds.get(k).variance();
                }
                return affine(c, new Formula.Spread(mean, variance).normalize(f.x[n][c][s], 1e-5));
            });
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

        @Override
        double[] formula(boolean inference) {
            Formula f = new Formula(in("x"));
            double m = f.samples;
            return f.all(spec, (n, c, s) -> {
                double layer = f.layer(n).normalize(f.x[n][c][s], 1e-3);
                double batch = batch(f, c, inference).normalize(f.x[n][c][s], 1e-3);
                double sum = layer * (1 / m - .0001) + batch * (1 - (1 / m + .0001));
                return affine(c, sum / Math.sqrt(f.channels));
            });
        }
    }

    private static final class Adaptive extends Subject {

        private static final double STRENGTH = 0.75;

        private final boolean unbiased;
        private final AdaptiveInstanceNorm.Plan plan;
        private final Statistics savedContent;
        private final Statistics savedStyle;

        Adaptive(TensorSpec x, boolean unbiased, PlanOptions options, Function<TensorSpec, Tensor> memory) {
            super(x, memory);
            this.unbiased = unbiased;
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
        double[] formula(boolean inference) {
            Formula f = new Formula(in("x"));
            Formula style = new Formula(in("style"));
            return f.all(spec, (n, c, s) -> {
                Formula.Spread from = spread(f, n, c);
                Formula.Spread to = spread(style, n, c);
                double z = Math.sqrt(to.variance() + 1e-5) * from.normalize(f.x[n][c][s], 1e-5) + to.mean();
                return STRENGTH * z + (1 - STRENGTH) * f.x[n][c][s];
            });
        }

        private Formula.Spread spread(Formula of, int n, int c) {
            Formula.Spread biased = of.instance(n, c);
            return unbiased && of.space > 1
                    ? new Formula.Spread(biased.mean(), biased.variance() * of.space / (of.space - 1.0))
                    : biased;
        }

        @Override
        public void close() {
            plan.close();
        }
    }
}
