package normkit.techniques;

import normkit.engine.PerSet;
import normkit.moments.Normalization;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** What one run of adaptive instance norm needs, and its arithmetic. */
final class StyleRun {

    final MixingArguments arguments = new MixingArguments();
    final Side content;
    final Side style;
    private final double epsilon;
    private final double strength;
    private final PerSet gain;
    private final PerSet offset;
    private final PerSet rstd;
    private final PerSet sums;
    private final PerSet dots;
    private final PerSet projection;
    private final PerSet constant;
    private final PerSet styleGain;
    private final PerSet styleOffset;

    /** The statistics of content or style. */
    static final class Side {

        private final InstancePasses passes;
        private final boolean empty;
        private final double bias;
        private final PerSet mean;
        private final PerSet variance;

        Side(InstancePasses passes, boolean unbiased) {
            this.passes = passes;
            this.empty = passes.count() == 0 || passes.sets() == 0;
            this.bias = unbiased && passes.count() > 1 ? passes.count() / (passes.count() - 1) : 1;
            mean = passes.perSet();
            variance = passes.perSet();
        }

        void moments(Tensor tensor) {
            if (!empty) {
                passes.moments(tensor, mean, variance);
            }
        }

        double rstd(int set, double epsilon) {
            return Normalization.rstd(bias * variance.values[set], epsilon);
        }

        double deviation(int set, double epsilon) {
            return Math.sqrt(bias * variance.values[set] + epsilon);
        }

        void load(Statistics given) {
            InstancePlan.load(given.mean(), mean.values);
            InstancePlan.load(given.variance(), variance.values);
        }

        void store(Statistics save) {
            InstancePlan.store(mean.values, save.mean());
            InstancePlan.store(variance.values, save.variance());
        }
    }

    StyleRun(double epsilon, double strength, boolean unbiased, InstancePasses content, InstancePasses style) {
        this.content = new Side(content, unbiased);
        this.style = new Side(style, unbiased);
        this.epsilon = epsilon;
        this.strength = strength;
        gain = content.perSet();
        offset = content.perSet();
        rstd = content.perSet();
        sums = content.perSet();
        dots = content.perSet();
        projection = content.perSet();
        constant = content.perSet();
        styleGain = style.perSet();
        styleOffset = style.perSet();
    }

    void forward(Tensor x, Tensor y) {
        content.moments(x);
        for (int set = 0; set < content.passes.sets(); set++) {
            double ratio = style.deviation(set, epsilon) * content.rstd(set, epsilon);
            gain.values[set] = strength * ratio + (1 - strength);
            offset.values[set] = strength * style.mean.values[set] + (1 - strength) * content.mean.values[set];
        }
        if (!content.empty) {
            content.passes.apply(x, content.mean, gain, offset, y);
        }
    }

    void backward(Tensor dy, Tensor x, Tensor s, Tensor dx, Tensor ds) {
        for (int set = 0; set < content.passes.sets(); set++) {
            double r = content.rstd(set, epsilon);
            // Any factor serves where there is no spread; what it multiplies is 0 then.
            rstd.values[set] = r == 0 ? 1 : r;
        }
        if (!content.empty) {
            content.passes.gradientSums(dy, x, content.mean, rstd, sums, dots);
        }
        for (int set = 0; set < content.passes.sets(); set++) {
            pullBack(set);
        }
        if (dx != null && !content.empty) {
            content.passes.gradient(dy, x, content.mean, rstd, gain, projection, constant, dx);
        }
        if (ds != null && !style.empty) {
            style.passes.apply(s, style.mean, styleGain, styleOffset, ds);
        }
    }

    private void pullBack(int set) {
        double n = content.passes.count();
        double r = content.rstd(set, epsilon);
        double ratio = style.deviation(set, epsilon) * r;
        double dot = r == 0 ? 0 : dots.values[set];
        gain.values[set] = strength * ratio + (1 - strength);
        projection.values[set] = -strength * ratio * content.bias * dot / n;
        constant.values[set] = -strength * ratio * sums.values[set] / n;
        styleGain.values[set] = strength * style.bias * dot * style.rstd(set, epsilon) / style.passes.count();
        styleOffset.values[set] = strength * sums.values[set] / style.passes.count();
    }
}
