package normkit.conformance;

import java.util.Arrays;
import normkit.activation.Activation;
import normkit.spi.Pass;
import normkit.spi.Problem;

/** What must come out, by the textbook formulas in {@link Quad}s. */
final class Oracle {

    /** Statistics per set; of a set with an element that is not finite, all are NaN. */
    record Moments(Quad[] means, Quad[] variances, Quad[] rstds) {}

    /** What must come out of a forward pass: y, and per element how large its terms are, which is what errors are measured by. */
    record Forward(Quad[] y, double[] magnitude, Moments moments) {}

    /**
     * What must come out of a backward pass, each with the magnitude of its terms.
     *
     * @param normalized gradient of what is normalized, before it is taken on to x
     */
    record Backward(Quad[] normalized, Quad[] dx, double[] dxMagnitude, Quad[] dscale, double[] dscaleMagnitude,
            Quad[] dshift, double[] dshiftMagnitude) {}

    private static final Quad NAN = Quad.of(Double.NaN);

    private final Problem problem;
    private final Sets sets;
    private final int[] set;
    private final int[] parameter;
    private final double count;

    Oracle(Problem problem) {
        this.problem = problem;
        this.sets = new Sets(problem);
        int n = (int) problem.x().elements();
        set = new int[n];
        parameter = new int[n];
        Arrays.setAll(set, sets::setOf);
        Arrays.setAll(parameter, sets::parameterOf);
        count = problem.setSize();
    }

    /** Moments of x, each set scaled by a power of two so that no square leaves the range of a double. */
    Moments moments(double[] x) {
        int n = sets.count();
        double[] largest = new double[n];
        Arrays.fill(largest, Math.sqrt(problem.epsilon()));
        for (int i = 0; i < x.length; i++) {
            largest[set[i]] = Math.max(largest[set[i]], Math.abs(x[i]));
        }
        int[] exponent = new int[n];
        Arrays.setAll(exponent,
                s -> largest[s] > 0 && largest[s] < Double.POSITIVE_INFINITY ? Math.getExponent(largest[s]) : 0);
        Quad[] means = scaledMeans(x, exponent);
        Quad[] squares = zeros(n);
        for (int i = 0; i < x.length; i++) {
            Quad d = Quad.of(Math.scalb(x[i], -exponent[set[i]])).minus(means[set[i]]);
            squares[set[i]] = squares[set[i]].plus(d.times(d));
        }
        Quad[] variances = new Quad[n];
        Quad[] rstds = new Quad[n];
        for (int s = 0; s < n; s++) {
            Quad variance = count == 0 ? Quad.ZERO : squares[s].over(count);
            Quad root = variance.plus(Math.scalb(problem.epsilon(), -2 * exponent[s]));
            rstds[s] = reciprocalRoot(root).scaled(-exponent[s]);
            variances[s] = variance.scaled(2 * exponent[s]);
            means[s] = means[s].scaled(exponent[s]);
            if (Double.isNaN(largest[s]) || Double.isInfinite(largest[s])) {
                rstds[s] = NAN;
                variances[s] = NAN;
                means[s] = Quad.ZERO;
            }
        }
        addInfinite(x, largest, means);
        return new Moments(means, variances, rstds);
    }

    /** The mean of a set with infinite elements is infinite, or NaN where there are both kinds. */
    private void addInfinite(double[] x, double[] largest, Quad[] means) {
        for (int i = 0; i < x.length && problem.operation().centred(); i++) {
            if (!Double.isFinite(largest[set[i]]) && !Double.isFinite(x[i])) {
                means[set[i]] = Quad.of(means[set[i]].high() + x[i]);
            }
        }
    }

    private Quad[] scaledMeans(double[] x, int[] exponent) {
        Quad[] means = zeros(sets.count());
        if (problem.operation().centred() && count > 0) {
            for (int i = 0; i < x.length; i++) {
                means[set[i]] = means[set[i]].plus(Math.scalb(x[i], -exponent[set[i]]));
            }
            Arrays.setAll(means, s -> means[s].over(count));
        }
        return means;
    }

    private static Quad reciprocalRoot(Quad value) {
        if (value.high() == 0) {
            return Quad.ZERO;
        }
        return value.high() > 0 && value.high() < Double.POSITIVE_INFINITY ? value.reciprocalRoot() : NAN;
    }

    private static Quad[] zeros(int n) {
        Quad[] zeros = new Quad[n];
        Arrays.fill(zeros, Quad.ZERO);
        return zeros;
    }

    /** The statistics a pass works with: of the data, or as given. */
    Moments statistics(Inputs in) {
        if (problem.pass() == Pass.FORWARD) {
            return moments(in.normalized);
        }
        int n = sets.count();
        Quad[] means = zeros(n);
        Quad[] variances = zeros(n);
        Quad[] rstds = new Quad[n];
        for (int s = 0; s < n; s++) {
            means[s] = in.mean == null ? Quad.ZERO : Quad.of(in.mean[s]);
            if (in.rstd != null) {
                rstds[s] = Quad.of(in.rstd[s]);
            } else {
                variances[s] = Quad.of(in.variance[s]);
                rstds[s] = reciprocalRoot(variances[s].plus(problem.epsilon()));
            }
        }
        return new Moments(means, variances, rstds);
    }

    Forward forward(Inputs in) {
        Moments moments = statistics(in);
        Quad[] y = new Quad[in.x.length];
        double[] magnitude = new double[in.x.length];
        for (int i = 0; i < y.length; i++) {
            double gamma = in.scale == null ? 1 : in.scale[parameter[i]];
            double beta = in.shift == null ? 0 : in.shift[parameter[i]];
            Quad scaled = xhat(in.normalized[i], moments, set[i]).times(gamma);
            y[i] = scaled.plus(beta);
            magnitude[i] = Math.max(Math.max(Math.abs(gamma), scaled.abs()), Math.max(Math.abs(beta), y[i].abs()));
            if (problem.fusion().after() != null) {
                y[i] = QuadFunctions.value(problem.fusion().after(), y[i]);
                // No activation is much steeper than 1.
                magnitude[i] += y[i].abs();
            }
        }
        return new Forward(y, magnitude, moments);
    }

    private static Quad xhat(double x, Moments moments, int s) {
        Quad rstd = moments.rstds()[s];
        double infinite = (x - moments.means()[s].high()) * rstd.high();
        if (!Double.isFinite(x) || !Double.isFinite(rstd.high())) {
            return Quad.of(infinite);
        }
        // Halved, because the difference of two large numbers may overflow.
        Quad half = Quad.of(x / 2).minus(moments.means()[s].scaled(-1));
        return half.times(rstd.scaled(1));
    }

    Backward backward(Inputs in) {
        Moments moments = statistics(in);
        int n = in.x.length;
        Quad[] xhat = new Quad[n];
        Quad[] g = new Quad[n];
        Quad[] sum = zeros(sets.count());
        Quad[] dot = zeros(sets.count());
        double[] sizes = new double[n];
        double[] absSum = new double[sets.count()];
        double[] absDot = new double[sets.count()];
        Quad[] dscale = zeros(sets.parameters());
        Quad[] dshift = zeros(sets.parameters());
        double[] dscaleMagnitude = new double[dscale.length];
        double[] dshiftMagnitude = new double[dshift.length];
        for (int i = 0; i < n; i++) {
            int s = set[i];
            int p = parameter[i];
            xhat[i] = xhat(in.normalized[i], moments, s);
            double gamma = in.scale == null ? 1 : in.scale[p];
            Quad dz = Quad.of(in.dy[i]);
            double size = Math.abs(in.dy[i]);
            if (problem.fusion().after() != null) {
                double beta = in.shift == null ? 0 : in.shift[p];
                Quad z = xhat[i].times(gamma).plus(beta);
                double terms = Math.max(Math.max(Math.abs(gamma), z.abs()), Math.abs(beta));
                dz = QuadFunctions.slope(problem.fusion().after(), z).times(in.dy[i]);
                size *= certainty(problem.fusion().after(), z.value(), terms);
            }
            g[i] = dz.times(gamma);
            double gSize = size * Math.abs(gamma);
            sizes[i] = gSize;
            sum[s] = sum[s].plus(g[i]);
            dot[s] = dot[s].plus(g[i].times(xhat[i]));
            absSum[s] += gSize;
            absDot[s] += gSize * (1 + xhat[i].abs());
            dshift[p] = dshift[p].plus(dz);
            dscale[p] = dscale[p].plus(xhat[i].times(dz));
            dshiftMagnitude[p] += size;
            dscaleMagnitude[p] += size * (1 + xhat[i].abs());
        }
        Quad[] normalized = new Quad[n];
        Quad[] dx = new Quad[n];
        double[] dxMagnitude = new double[n];
        boolean constants = problem.pass() == Pass.FROZEN_BACKWARD;
        for (int i = 0; i < n; i++) {
            int s = set[i];
            Quad rstd = moments.rstds()[s];
            Quad inner = g[i];
            double magnitude = sizes[i];
            if (!constants) {
                Quad centre = problem.operation().centred() ? sum[s].over(count) : Quad.ZERO;
                inner = inner.minus(centre).minus(xhat[i].times(dot[s].over(count)));
                magnitude += absSum[s] / count + (1 + xhat[i].abs()) * absDot[s] / count;
            }
            normalized[i] = inner.times(rstd);
            dx[i] = normalized[i];
            dxMagnitude[i] = magnitude * rstd.abs();
            if (problem.fusion().before() != null) {
                Quad slope = QuadFunctions.slope(problem.fusion().before(), Quad.of(in.x[i]));
                dx[i] = dx[i].times(slope);
                dxMagnitude[i] *= 0.5 + slope.abs();
            }
            if (in.dsum != null) {
                dx[i] = dx[i].plus(in.dsum[i]);
                dxMagnitude[i] += Math.abs(in.dsum[i]);
            }
        }
        return new Backward(normalized, dx, dxMagnitude, dscale, dscaleMagnitude, dshift, dshiftMagnitude);
    }

    /**
     * What the size of a derivative's error is measured by: its own size and, as no second derivative is much larger than
     * one, that of z; next to a kink, either side may be taken.
     */
    private double certainty(Activation f, double z, double terms) {
        if (!QuadFunctions.kinked(f)) {
            return 1.2 + 1.2 * terms;
        }
        double ulp = Judge.ulp(terms, problem.type());
        return Math.abs(z) <= 64 * ulp ? terms / ulp : 1;
    }
}
