package normkit.techniques;

import normkit.PlanOptions;
import normkit.techniques.MixingArguments.Names;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Adaptive instance normalization (AdaIN): gives each sample and channel of a content the mean and deviation that a style has
 * there: z = σ(s)·(x − μ(x))/σ(x) + μ(s) and y = α·z + (1 − α)·x, with μ and σ = √(variance + ε) over space. Content x and
 * style s have the same numbers of samples and channels; their spatial sizes, and even their layouts and types, may differ. It
 * has no parameters; α is the strength of the style. Immutable and thread-safe.
 *
 * <p>Where the content has no spread and ε = 0, z is μ(s). A NaN or infinity, of content or style, makes NaN of its own sample
 * and channel.
 *
 * <p>When to use: style transfer in real time between the encoder and the decoder of a network, and generators that are steered
 * by a style; on pixels, it transfers colours.
 *
 * <p>Source: X. Huang, S. Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", arXiv
 * 1703.06868. Defaults: ε = 1e-5, α = 1, biased variances, as in the paper; see {@link #unbiased}.
 */
public final class AdaptiveInstanceNorm {

    private static final double DEFAULT_EPSILON = 1e-5;

    private final double epsilon;
    private final double strength;
    private final boolean unbiased;

    private AdaptiveInstanceNorm(double epsilon, double strength, boolean unbiased) {
        this.epsilon = MixingSettings.requireEpsilon(epsilon);
        this.strength = strength;
        this.unbiased = unbiased;
    }

    /**
     * Describes adaptive instance normalization.
     *
     * @return the description, with ε = 1e-5, full strength and biased variances
     */
    public static AdaptiveInstanceNorm create() {
        return new AdaptiveInstanceNorm(DEFAULT_EPSILON, 1, false);
    }

    /**
     * Sets ε, which is added to both variances inside the root.
     *
     * @param newEpsilon ε, finite and at least 0
     * @return a changed description
     * @throws IllegalArgumentException if ε is out of range
     */
    public AdaptiveInstanceNorm epsilon(double newEpsilon) {
        return new AdaptiveInstanceNorm(newEpsilon, strength, unbiased);
    }

    /**
     * Sets the strength of the style.
     *
     * @param alpha α, from 0, the content as it is, to 1, the default
     * @return a changed description
     * @throws IllegalArgumentException if α is out of range
     */
    public AdaptiveInstanceNorm strength(double alpha) {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("strength is " + alpha + "; it must be 0 to 1");
        }
        return new AdaptiveInstanceNorm(epsilon, alpha, unbiased);
    }

    /**
     * Divides both variances by count − 1 rather than count, as widespread PyTorch code does; those of a single value stay 0.
     *
     * @return a changed description
     */
    public AdaptiveInstanceNorm unbiased() {
        return new AdaptiveInstanceNorm(epsilon, strength, true);
    }

    /**
     * Plans, the backend chosen by the planner.
     *
     * @param content spec of the content
     * @param style spec of the style
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if there is no channel axis, samples or channels differ, or there is a content but no
     *         style
     */
    public Plan plan(TensorSpec content, TensorSpec style) {
        return plan(content, style, PlanOptions.DEFAULT);
    }

    /**
     * Plans.
     *
     * @param content spec of the content
     * @param style spec of the style
     * @param options backend and threads
     * @return a plan; the caller closes it
     * @throws IllegalArgumentException if there is no channel axis, samples or channels differ, there is a content but no style,
     *         or no backend has the forced name
     * @throws IllegalStateException if the forced backend cannot run the problem
     */
    public Plan plan(TensorSpec content, TensorSpec style, PlanOptions options) {
        return new Plan(this, content, style, options);
    }

    /** An adaptive instance norm planned for one spec of contents and one of styles. */
    public static final class Plan extends StylePlan {

        private Plan(AdaptiveInstanceNorm norm, TensorSpec content, TensorSpec style, PlanOptions options) {
            super(content, style, norm.epsilon, norm.strength, norm.unbiased, options);
        }

        /**
         * Gives a content the statistics of a style.
         *
         * @param x content, of the planned spec
         * @param s style, of {@link #styleSpec}
         * @param y output of the content's spec; may be exactly x, for work in place
         * @param saveContent mean and biased variance of the content, filled for {@link #backward}; those that are null are not
         *        saved
         * @param saveStyle mean and biased variance of the style, likewise
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void forward(Tensor x, Tensor s, Tensor y, Statistics saveContent, Statistics saveStyle) {
            StyleRun run = take();
            run.arguments.data("content", x, spec());
            run.arguments.lasting("style", s, style);
            run.arguments.result("y", y, spec());
            run.arguments.save(Names.CONTENT, saveContent, statistics, wideStatistics);
            run.arguments.save(Names.STYLE, saveStyle, statistics, wideStatistics);
            run.arguments.verify();
            run.style.moments(s);
            run.forward(x, y);
            run.content.store(saveContent);
            run.style.store(saveStyle);
            giveBack(run);
        }

        /**
         * Computes the statistics of a style once, to give them to many contents.
         *
         * @param s style, of {@link #styleSpec}
         * @param save receives mean and biased variance; those that are null are not saved
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void measure(Tensor s, Statistics save) {
            StyleRun run = take();
            run.arguments.lasting("style", s, style);
            run.arguments.save(Names.STYLE, save, statistics, wideStatistics);
            run.arguments.verify();
            run.style.moments(s);
            run.style.store(save);
            giveBack(run);
        }

        /**
         * Gives a content statistics that are known: those of a style from {@link #measure}, or averages of several styles.
         *
         * @param x content, of the planned spec
         * @param given mean and biased variance per sample and channel
         * @param y output of the content's spec; may be exactly x, for work in place
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void forward(Tensor x, Statistics given, Tensor y) {
            StyleRun run = take();
            run.arguments.data("content", x, spec());
            run.arguments.statistics(Names.STYLE, given, statistics, wideStatistics);
            run.arguments.result("y", y, spec());
            run.arguments.verify();
            run.style.load(given);
            run.forward(x, y);
            giveBack(run);
        }

        /**
         * Computes the gradients of content and style. With D = Σ dy, E = Σ dy·(x − μ(x)) per sample and channel and ρ =
         * σ(s)/σ(x): dx = (α·ρ + 1 − α)·dy − α·ρ·(D + (x − μ(x))·E/σ(x)²)/n and ds = α·(D + (s − μ(s))·E/(σ(x)·σ(s)))/n′ for
         * biased variances.
         *
         * @param dy gradient of y
         * @param x content of the forward pass
         * @param s style of the forward pass
         * @param savedContent mean and variance of the content
         * @param savedStyle mean and variance of the style
         * @param dx receives the gradient of the content; null if not wanted; may be exactly x or dy
         * @param ds receives the gradient of the style, of {@link #styleSpec}; null if not wanted
         * @throws IllegalArgumentException if an argument has the wrong spec or overlaps another
         * @throws NullPointerException if an argument that must be there is null
         * @throws IllegalStateException if the plan or the arena of an argument is closed, or that arena belongs to another
         *         thread
         */
        public void backward(Tensor dy, Tensor x, Tensor s, Statistics savedContent, Statistics savedStyle, Tensor dx,
                Tensor ds) {
            StyleRun run = take();
            run.arguments.data("dy", dy, spec());
            run.arguments.data("content", x, spec());
            run.arguments.lasting("style", s, style);
            run.arguments.statistics(Names.CONTENT, savedContent, statistics, wideStatistics);
            run.arguments.statistics(Names.STYLE, savedStyle, statistics, wideStatistics);
            run.arguments.optionalResult("dcontent", dx, spec());
            run.arguments.optionalResult("dstyle", ds, style);
            run.arguments.verify();
            run.content.load(savedContent);
            run.style.load(savedStyle);
            run.backward(dy, x, s, dx, ds);
            giveBack(run);
        }
    }
}
