package normkit.engine;

import normkit.spi.KernelProvider;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The four passes over a tensor that techniques are made of: moments, apply, gradient sums and gradient. The tensor is
 * seen as sets; which elements share one is told by an operation, for example {@link Operation#INSTANCE_NORM} for a set
 * per sample and channel (set n·C + c), {@link Operation#BATCH_NORM} for a set per channel, {@link Operation#LAYER_NORM}
 * for a set per row. A technique is arithmetic, in double, on one number per set; it never touches an element.
 *
 * <p>Results are defined to the last bit by docs/numerics.md. Serves one thread at a time, which may share the work with
 * others; keep instances in a {@link Pool}. Empty tensors have no passes.
 */
public final class SetPasses {

    private final Problem problem;
    private final KernelProvider kernels;
    private final Team team;
    private final int sets;
    private final double count;
    private final PerSet factor;
    private final double[] scaledSums;
    private final double[] scaledDots;

    private final Statistics[] triples = new Statistics[4];
    private int next;

    // Each made when it is first needed, because none of the techniques needs all at once.
    private Worker moments;
    private Worker apply;
    private Worker sums;
    private Worker gradient;

    /**
     * Makes the passes of a tensor.
     *
     * @param kind operation whose sets these are
     * @param x spec of the tensor, not empty
     * @param normalizedRank number of trailing axes of a row; 0 where there are channels
     * @param groups number of groups, where the operation has them; else 0
     * @param kernels what runs them
     * @param parallelism who shares a pass
     * @throws IllegalArgumentException if there are more than 2³¹ − 1 sets
     */
    public SetPasses(Operation kind, TensorSpec x, int normalizedRank, long groups, KernelProvider kernels,
            Parallelism parallelism) {
        this.problem = new Problem(kind, Pass.FORWARD, x, normalizedRank, groups, true, kind.centred(), 0);
        this.kernels = kernels;
        this.team = parallelism.degree() == 1 ? Team.ALONE : new Team(parallelism);
        long all = problem.statisticsSpec().elements();
        if (all > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("x is " + x + ", which has " + all + " sets; at most "
                    + (Integer.MAX_VALUE - 8) + " are supported");
        }
        this.sets = (int) all;
        this.count = problem.setSize();
        this.factor = perSet();
        this.scaledSums = new double[sets];
        this.scaledDots = new double[sets];
    }

    /**
     * Returns how many sets there are.
     *
     * @return the length of every {@link PerSet} given to a pass
     */
    public int sets() {
        return sets;
    }

    /**
     * Returns the size of a set.
     *
     * @return elements per set
     */
    public double count() {
        return count;
    }

    private Worker worker(Pass pass) {
        Problem own = new Problem(problem.operation(), pass, problem.x(), problem.normalizedRank(), problem.groups(),
                problem.hasScale(), problem.hasShift(), 0);
        return Worker.of(own, Form.perSet(own), pass == Pass.FROZEN_BACKWARD ? sets : 0, kernels, team);
    }

    /** Keeps the last few, which are nearly always asked for again, because a new one would be allocated in every run. */
    private Statistics statistics(PerSet mean, PerSet variance, PerSet rstd) {
        Tensor v = variance == null ? null : variance.tensor;
        Tensor r = rstd == null ? null : rstd.tensor;
        for (int i = 0; i < triples.length; i++) {
            Statistics kept = triples[i];
            if (kept != null && kept.mean() == mean.tensor && kept.variance() == v && kept.rstd() == r) {
                return kept;
            }
        }
        Statistics made = new Statistics(mean.tensor, v, r);
        triples[next++ % triples.length] = made;
        return made;
    }

    /**
     * Makes room for one number per set.
     *
     * @return zeros
     */
    public PerSet perSet() {
        return new PerSet(sets);
    }

    /**
     * Computes mean and biased variance of every set (for RMS norm, 0 and the mean square).
     *
     * @param x data
     * @param mean receives the means
     * @param variance receives the biased variances; NaN where a value is not finite
     */
    public void moments(Tensor x, PerSet mean, PerSet variance) {
        if (moments == null) {
            moments = worker(Pass.FORWARD);
        }
        team.requireAccess("x", x);
        moments.forward(x, null, null, statistics(mean, variance, null), null);
    }

    /**
     * Computes y = (x − mean)·gain + offset.
     *
     * @param x data
     * @param mean what is subtracted, per set
     * @param gain what is multiplied with, per set
     * @param offset what is added, per set
     * @param y output; may be x
     */
    public void apply(Tensor x, PerSet mean, PerSet gain, PerSet offset, Tensor y) {
        if (apply == null) {
            apply = worker(Pass.INFERENCE);
        }
        team.requireAccess("x", x);
        team.requireAccess("y", y);
        apply.forward(x, null, offset.tensor, statistics(mean, null, gain), y);
    }

    /**
     * Computes Σdy and Σdy·x̂ of every set, with x̂ = (x − mean)·rstd.
     *
     * @param dy gradient of the output
     * @param x data
     * @param mean what is subtracted, per set
     * @param rstd what is multiplied with, per set
     * @param toSums receives Σdy
     * @param toDots receives Σdy·x̂
     */
    public void gradientSums(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet toSums, PerSet toDots) {
        if (sums == null) {
            sums = worker(Pass.FROZEN_BACKWARD);
        }
        team.requireAccess("dy", dy);
        team.requireAccess("x", x);
        sums.backward(dy, x, null, statistics(mean, null, rstd), null, toDots.tensor, toSums.tensor);
    }

    /**
     * Computes dx = dy·gain + x̂·projection + constant, with x̂ = (x − mean)·rstd.
     *
     * @param dy gradient of the output
     * @param x data
     * @param mean what is subtracted, per set
     * @param rstd what is multiplied with, per set; not 0
     * @param gain what dy is multiplied with, per set
     * @param projection what x̂ is multiplied with, per set
     * @param constant what is added, per set
     * @param dx output; may be dy or x
     */
    public void gradient(Tensor dy, Tensor x, PerSet mean, PerSet rstd, PerSet gain, PerSet projection, PerSet constant,
            Tensor dx) {
        if (gradient == null) {
            gradient = worker(Pass.BACKWARD);
        }
        team.requireAccess("dy", dy);
        team.requireAccess("x", x);
        team.requireAccess("dx", dx);
        // The kernels' driver forms γ·rstd·(dy − Σ/n − x̂·Σ′/n): these γ, Σ and Σ′ make it the formula above.
        for (int i = 0; i < sets; i++) {
            double r = rstd.values[i];
            factor.values[i] = gain.values[i] / r;
            scaledDots[i] = -projection.values[i] / r * count;
            scaledSums[i] = -constant.values[i] / r * count;
        }
        gradient.gradient(dy, x, factor.tensor, statistics(mean, null, rstd), scaledSums, scaledDots, dx);
    }
}
