package normkit.conformance;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.DataType;

/**
 * Runs cases on a backend and compares the results with an oracle, or with those of another backend bit for bit. Every case
 * is executed twice; guard zones around all tensors, inputs and the bits of both executions are checked as well.
 *
 * <p>Immutable and thread-safe.
 */
public final class Conformance {

    /** With activations, limits are this many times as wide: for their own errors, and for slopes somewhat above 1. */
    private static final double FUSED = 2;

    private final List<Case> cases;
    private final Tolerance tolerance;

    private final Supplier<Arena> arenas;

    private Conformance(List<Case> cases, Tolerance tolerance, Supplier<Arena> arenas) {
        this.cases = List.copyOf(cases);
        this.tolerance = tolerance;
        this.arenas = arenas;
    }

    /**
     * Chooses a few thousand cases of small tensors, which take seconds.
     *
     * @return the suite, with strict tolerance
     */
    public static Conformance quick() {
        return new Conformance(new CaseSpace(true).cases(), Tolerance.strict(), Arena::ofConfined);
    }

    /**
     * Chooses several thousand cases.
     *
     * @return the suite, with strict tolerance
     */
    public static Conformance full() {
        return new Conformance(new CaseSpace(false).cases(), Tolerance.strict(), Arena::ofConfined);
    }

    /**
     * Takes the cases as they are.
     *
     * @param cases the cases
     * @return the suite, with strict tolerance
     */
    public static Conformance of(List<Case> cases) {
        return new Conformance(cases, Tolerance.strict(), Arena::ofConfined);
    }

    /**
     * Returns what is run.
     *
     * @return the cases, in order
     */
    public List<Case> cases() {
        return cases;
    }

    /**
     * Keeps some of the cases.
     *
     * @param filter true for those to keep
     * @return a smaller suite
     */
    public Conformance only(Predicate<Case> filter) {
        return new Conformance(cases.stream().filter(filter).toList(), tolerance, arenas);
    }

    /**
     * Sets the limits of errors.
     *
     * @param newTolerance the limits
     * @return a changed suite
     */
    public Conformance tolerance(Tolerance newTolerance) {
        return new Conformance(cases, Objects.requireNonNull(newTolerance, "tolerance"), arenas);
    }

    /**
     * Lets native tensors be used by any thread, not only the one that runs the suite: for backends that have threads of
     * their own.
     *
     * @return a changed suite
     */
    public Conformance shared() {
        return new Conformance(cases, tolerance, Arena::ofShared);
    }

    /** Is told how far a run has come. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Called after every case.
         *
         * @param cases how many are done
         * @param of how many there are
         */
        void done(int cases, int of);
    }

    /**
     * Compares a backend with the oracle.
     *
     * @param backend an available backend
     * @param progress is told after every case
     * @return the report
     * @throws IllegalStateException if the backend is not available
     */
    public Report run(Backend backend, Progress progress) {
        requireAvailable(backend);
        return report(backend, progress, c -> check(backend, c));
    }

    /**
     * Compares the results of two backends bit for bit; any NaN equals any other. Cases that one of them declines are
     * counted as declined.
     *
     * @param reference an available backend, whose results are taken to be right
     * @param other an available backend
     * @param progress is told after every case
     * @return the report on the other backend
     * @throws IllegalStateException if one of the backends is not available
     */
    public Report compare(Backend reference, Backend other, Progress progress) {
        requireAvailable(reference);
        requireAvailable(other);
        return report(other, progress, c -> compare(reference, other, c));
    }

    private static void requireAvailable(Backend backend) {
        if (backend.probe() instanceof Availability.Unavailable unavailable) {
            throw new IllegalStateException("backend " + backend.name() + " is not available: " + unavailable.reason());
        }
    }

    /** What came of one case: a reason why it was not run, or a judge's findings. */
    private record Outcome(String declined, Judge judge) {}

    private interface Check {
        Outcome of(Case c);
    }

    private Report report(Backend backend, Progress progress, Check check) {
        Map<Operation, Map<Pass, Tally>> tallies = new TreeMap<>();
        List<Report.Failure> failures = new ArrayList<>();
        int done = 0;
        for (Case c : cases) {
            Tally tally = tallies.computeIfAbsent(c.operation(), o -> new TreeMap<>()).computeIfAbsent(c.pass(),
                    p -> new Tally());
            Outcome outcome = check.of(c);
            tally.add(c, outcome);
            if (outcome.judge() != null) {
                failures.addAll(outcome.judge().failures());
            }
            progress.done(++done, cases.size());
        }
        List<Report.Row> rows = new ArrayList<>();
        tallies.forEach((operation, passes) -> passes.forEach((pass, t) -> rows
                .add(new Report.Row(operation, pass, t.cases, t.failures, t.worst, t.worstCase, t.declined))));
        return new Report(backend.name(), rows, failures);
    }

    /** A row of the report in the making. */
    private static final class Tally {
        private final Map<String, Integer> declined = new HashMap<>();
        private int cases;
        private int failures;
        private double worst;
        private String worstCase = "";

        private void add(Case c, Outcome outcome) {
            if (outcome.declined() != null) {
                declined.merge(outcome.declined(), 1, Integer::sum);
                return;
            }
            cases++;
            if (!outcome.judge().failures().isEmpty()) {
                failures++;
            }
            if (outcome.judge().worst() > worst) {
                worst = outcome.judge().worst();
                worstCase = c.name();
            }
        }
    }

    private Outcome check(Backend backend, Case c) {
        String declined = declined(backend, c);
        if (declined != null) {
            return new Outcome(declined, null);
        }
        Judge judge = new Judge(c);
        Inputs in = new Inputs(c);
        try (Arena arena = arenas.get(); Execution execution = backend.prepare(c.problem())) {
            Trial first = new Trial(c, in, arena);
            first.run(execution, judge);
            Trial second = new Trial(c, in, arena);
            second.run(execution, judge);
            compareBits(first, second, "a second execution", judge);
            judge(c, in, first, judge);
        } catch (RuntimeException | AssertionError e) {
            judge.fail("execution", "it threw " + e);
        }
        return new Outcome(null, judge);
    }

    private String declined(Backend backend, Case c) {
        if (tolerance.left().containsKey(c.values())) {
            return tolerance.left().get(c.values());
        }
        return backend.answer(c.problem()) instanceof Support.Declined no ? no.reason() : null;
    }

    private Outcome compare(Backend reference, Backend other, Case c) {
        for (Backend backend : List.of(reference, other)) {
            if (declined(backend, c) != null) {
                return new Outcome(backend.name() + ": " + declined(backend, c), null);
            }
        }
        Judge judge = new Judge(c);
        Inputs in = new Inputs(c);
        Problem problem = c.problem();
        try (Arena arena = arenas.get();
                Execution a = reference.prepare(problem);
                Execution b = other.prepare(problem)) {
            Trial expected = new Trial(c, in, arena);
            expected.run(a, judge);
            Trial got = new Trial(c, in, arena);
            got.run(b, judge);
            compareBits(expected, got, reference.name(), judge);
        } catch (RuntimeException | AssertionError e) {
            judge.fail("execution", "it threw " + e);
        }
        return new Outcome(null, judge);
    }

    private static void compareBits(Trial expected, Trial got, String what, Judge judge) {
        for (String output : expected.outputNames()) {
            long i = expected.firstDifference(output, got);
            if (i >= 0) {
                judge.fail(output, "the bits differ from those of " + what + " first at element " + i + ": "
                        + got.output(output).get(i) + " instead of " + expected.output(output).get(i));
            }
        }
    }

    private void judge(Case c, Inputs in, Trial trial, Judge judge) {
        Problem problem = c.problem();
        Oracle oracle = new Oracle(problem);
        Sets sets = new Sets(problem);
        double[] growth = growth(oracle.statistics(in));
        if (c.fusion().before() != null) {
            growWithInputs(oracle.statistics(in), in.normalized, sets, growth);
        }
        double fused = c.fusion().any() ? FUSED : 1;
        if (c.pass().backward()) {
            Oracle.Backward exact = oracle.backward(in);
            double[] perElement = perElement(in.x.length, fused * tolerance.dx(), growth, sets);
            judge.compare("dx", trial.output("dx"), c.type(), exact.dx(), exact.dxMagnitude(), perElement);
            double most = Arrays.stream(growth).max().orElse(1);
            double[] perParameter = new double[sets.parameters()];
            Arrays.fill(perParameter, fused * tolerance.parameters() * most);
            if (c.scale()) {
                judge.compare("dscale", trial.output("dscale"), c.type(), exact.dscale(), exact.dscaleMagnitude(),
                        perParameter);
            }
            if (c.shift()) {
                judge.compare("dshift", trial.output("dshift"), c.type(), exact.dshift(), exact.dshiftMagnitude(),
                        perParameter);
            }
            if (FiniteDifferences.applicable(c)) {
                new FiniteDifferences(c, in).check(exact, judge);
            }
            return;
        }
        Oracle.Forward exact = oracle.forward(in);
        judge.compare("y", trial.output("y"), c.type(), exact.y(), exact.magnitude(),
                perElement(in.x.length, fused * tolerance.y(c.type()), growth, sets));
        if (c.fusion().residual()) {
            judge.compare("sum", trial.output("sum"), c.type(),
                    Arrays.stream(in.normalized).mapToObj(Quad::of).toArray(Quad[]::new), new double[in.x.length],
                    new double[in.x.length]);
        }
        if (c.pass() == Pass.FORWARD && problem.x().elements() > 0) {
            judgeStatistics(c, exact.moments(), growth, trial, judge);
        }
    }

    private void judgeStatistics(Case c, Oracle.Moments exact, double[] growth, Trial trial, Judge judge) {
        int n = growth.length;
        double[] limits = new double[n];
        Arrays.setAll(limits, s -> tolerance.statistics() * growth[s]);
        for (String name : trial.outputNames()) {
            switch (name) {
                case "mean" ->
                    judge.compare(name, trial.output(name), c.type(), exact.means(), meanMagnitude(c, exact), limits);
                case "variance" ->
                    judge.compare(name, trial.output(name), c.type(), exact.variances(), squares(exact), limits);
                case "rstd" -> judge.compare(name, trial.output(name), c.type(), exact.rstds(), new double[n], limits);
                default -> {
                    // y has been judged.
                }
            }
        }
    }

    /** What a variance is used for is its sum with ε, by whose ulps it is measured. */
    private static double[] squares(Oracle.Moments exact) {
        double[] magnitude = new double[exact.rstds().length];
        Arrays.setAll(magnitude, s -> {
            double rstd = exact.rstds()[s].value();
            return rstd > 0 ? 1 / rstd / rstd : 0;
        });
        return magnitude;
    }

    /** A mean in f64 is held to ulps of σ, one in x's type can be no better than an ulp of itself. */
    private static double[] meanMagnitude(Case c, Oracle.Moments exact) {
        boolean wide = c.saved() != Saved.SAME_TYPE && c.type() != DataType.F64;
        double[] magnitude = new double[exact.means().length];
        Arrays.setAll(magnitude, s -> {
            double rstd = exact.rstds()[s].value();
            return Math.max(rstd > 0 ? 1 / rstd : 0, wide ? 0 : exact.means()[s].abs());
        });
        return magnitude;
    }

    /** An activated input may be an ulp off, which counts by its share of a standard deviation. */
    private static void growWithInputs(Oracle.Moments statistics, double[] normalized, Sets sets, double[] growth) {
        double[] largest = new double[growth.length];
        for (int i = 0; i < normalized.length; i++) {
            int s = sets.setOf(i);
            largest[s] = Math.max(largest[s], Math.abs(normalized[i]));
        }
        for (int s = 0; s < growth.length; s++) {
            double share = largest[s] * statistics.rstds()[s].abs();
            growth[s] += Double.isFinite(share) ? 2 * share : 0;
        }
    }

    /** How much the limits of each set grow with its offset. */
    private double[] growth(Oracle.Moments statistics) {
        double[] growth = new double[statistics.means().length];
        Arrays.setAll(growth, s -> {
            double offset = statistics.means()[s].abs() * statistics.rstds()[s].abs();
            return 1 + (tolerance.perOffset() > 0 && offset > 0 ? tolerance.perOffset() * offset : 0);
        });
        return growth;
    }

    private static double[] perElement(int n, double limit, double[] growth, Sets sets) {
        double[] limits = new double[n];
        Arrays.setAll(limits, i -> limit * growth[sets.setOf(i)]);
        return limits;
    }
}
