package normkit.conformance.catalogue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import normkit.PlanOptions;
import normkit.conformance.Conformance;
import normkit.conformance.Memory;
import normkit.conformance.Report;
import normkit.conformance.Tolerance;
import normkit.conformance.Values;
import normkit.conformance.parts.Judge;
import normkit.conformance.parts.Pairwise;
import normkit.conformance.parts.Quad;
import normkit.conformance.parts.Term;
import normkit.dispatch.Backends;
import normkit.dispatch.Carrier;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.tensor.DataType;
import normkit.tensor.Layout;

/**
 * Runs every technique on a backend and compares what comes out with the paper's formula: outputs and gradients within
 * rounding errors, gradients in f64 with central differences as well, to 1e-6, and, if the backend's results are the defined
 * ones, every bit with those of the portable backend. Every case is executed twice; guard zones around all tensors, inputs and
 * the bits of both executions are checked as well.
 *
 * <p>Immutable and thread-safe.
 */
public final class Catalogue {

    /** The backend whose bits are the defined ones, and on which techniques with loops of their own are tried. */
    private static final String PORTABLE = "scalar";

    private static final String OWN_LOOPS =
            "runs on loops of its own, the same with every backend: tried with " + PORTABLE;

    static final List<Values> VALUES = List.of(Values.NORMAL, Values.OFFSET_1E2, Values.OFFSET_1E4, Values.OFFSET_1E6,
            Values.CONSTANT, Values.INTEGERS, Values.OUTLIERS);

    private final List<TechniqueCase> cases;
    private final Tolerance tolerance;
    private final UnaryOperator<Plan> tampering;

    /** How an exercise is made; a test may put one that goes wrong in its place. */
    interface Plan {
        Exercise at(Desk desk);
    }

    private Catalogue(List<TechniqueCase> cases, Tolerance tolerance, UnaryOperator<Plan> tampering) {
        this.cases = List.copyOf(cases);
        this.tolerance = tolerance;
        this.tampering = tampering;
    }

    /**
     * Chooses a thousand cases of small tensors, which take seconds.
     *
     * @return the suite, with strict tolerance
     */
    public static Catalogue quick() {
        return of(choose(true));
    }

    /**
     * Chooses more cases, some of larger tensors.
     *
     * @return the suite, with strict tolerance
     */
    public static Catalogue full() {
        return of(choose(false));
    }

    /**
     * Takes the cases as they are.
     *
     * @param cases the cases
     * @return the suite, with strict tolerance
     */
    public static Catalogue of(List<TechniqueCase> cases) {
        return new Catalogue(cases, Tolerance.strict(), plan -> plan);
    }

    /** For every technique, so many that each value of a dimension meets each of every other dimension at least once. */
    private static List<TechniqueCase> choose(boolean quick) {
        List<TechniqueCase> cases = new ArrayList<>();
        Random random = new Random(20251121);
        for (Family family : Family.ALL) {
            List<Layout> layouts = family.shapes().layouts();
            int memory = Memory.values().length;
            int[] sizes = {family.shapes().count(quick), VALUES.size(), DataType.values().length, layouts.size(),
                memory, memory, 2, family.variants().size()};
            Pairwise.choose(sizes, random, choice -> {
                Layout layout = layouts.get(choice[3]);
                long[] shape = family.shapes().shape(choice[0], layout);
                cases.add(
                        new TechniqueCase(family.name(), family.variants().get(choice[7]), DataType.values()[choice[2]],
                                layout, Arrays.stream(shape).boxed().toList(), VALUES.get(choice[1]),
                                Memory.values()[choice[4]], Memory.values()[choice[5]], choice[6] == 1, cases.size()));
            });
        }
        return cases;
    }

    /**
     * Returns what techniques there are.
     *
     * @return their names
     */
    public static List<String> techniques() {
        return Family.ALL.stream().map(Family::name).toList();
    }

    /**
     * Returns what is run.
     *
     * @return the cases, in order
     */
    public List<TechniqueCase> cases() {
        return cases;
    }

    /**
     * Keeps some of the cases.
     *
     * @param filter true for those to keep
     * @return a smaller suite
     */
    public Catalogue only(Predicate<TechniqueCase> filter) {
        return new Catalogue(cases.stream().filter(filter).toList(), tolerance, tampering);
    }

    /**
     * Sets the limits of errors.
     *
     * @param newTolerance the limits
     * @return a changed suite
     */
    public Catalogue tolerance(Tolerance newTolerance) {
        return new Catalogue(cases, Objects.requireNonNull(newTolerance, "tolerance"), tampering);
    }

    /** Replaces the exercises. */
    Catalogue tampered(UnaryOperator<Plan> change) {
        return new Catalogue(cases, tolerance, change);
    }

    /**
     * Runs the cases on a backend.
     *
     * @param backend name of an available backend
     * @param progress is told after every case
     * @return the report, a row for each technique
     * @throws IllegalArgumentException if there is no backend of that name, or no technique of a case's name
     * @throws IllegalStateException if the backend is not available
     */
    public Report run(String backend, Conformance.Progress progress) {
        Backends.Probed probed = Backends.named(backend);
        if (probed.availability() instanceof Availability.Unavailable unavailable) {
            throw new IllegalStateException("backend " + backend + " is not available: " + unavailable.reason());
        }
        Map<String, Tally> tallies = new LinkedHashMap<>();
        List<Report.Failure> failures = new ArrayList<>();
        int done = 0;
        for (TechniqueCase c : cases) {
            Tally tally = tallies.computeIfAbsent(c.technique(), t -> new Tally());
            Judge judge = new Judge();
            String declined = check(probed.backend(), c, judge);
            tally.add(c, declined, judge);
            judge.mistakes().forEach(m -> failures.add(new Report.Failure(c.name(), m.output(), m.message())));
            progress.done(++done, cases.size());
        }
        List<Report.Row> rows = new ArrayList<>();
        tallies.forEach((technique, t) -> rows
                .add(new Report.Row(technique, "both", t.cases, t.failures, t.worst, t.worstCase, t.declined)));
        return new Report(backend, rows, failures);
    }

    /** A row of the report in the making. */
    private static final class Tally {
        private final Map<String, Integer> declined = new HashMap<>();
        private int cases;
        private int failures;
        private double worst;
        private String worstCase = "";

        private void add(TechniqueCase c, String reason, Judge judge) {
            if (reason != null) {
                declined.merge(reason, 1, Integer::sum);
                return;
            }
            cases++;
            failures += judge.mistakes().isEmpty() ? 0 : 1;
            if (judge.worst() > worst) {
                worst = judge.worst();
                worstCase = c.name();
            }
        }
    }

    /** Runs a case; returns why it was not run, or null. */
    private String check(Backend backend, TechniqueCase c, Judge judge) {
        Family family = Family.named(c.technique());
        if (!family.kernels() && !backend.name().equals(PORTABLE)) {
            return OWN_LOOPS;
        }
        if (tolerance.left().containsKey(c.values())) {
            return tolerance.left().get(c.values());
        }
        try (Arena arena = Arena.ofConfined()) {
            Desk desk = desk(c, backend.name(), arena);
            try (Exercise exercise = tampering.apply(family.maker()::apply).at(desk)) {
                Map<String, double[]> first = run(desk, exercise, judge);
                compareBits(first, run(desk, exercise, judge), "a first execution", judge);
                judge(family, desk, exercise, judge);
            }
            if (backend.exact() && !backend.name().equals(PORTABLE)) {
                compareWithPortable(family, c, desk.results(), judge);
            }
        } catch (IllegalStateException e) {
            String reason = declined(e, backend.name());
            if (reason != null) {
                return reason;
            }
            judge.fail("execution", "it threw " + e);
        } catch (RuntimeException | AssertionError e) {
            judge.fail("execution", "it threw " + e);
        }
        return null;
    }

    private static Desk desk(TechniqueCase c, String backend, Arena arena) {
        Carrier carrier = c.in().heap() ? Carrier.HEAP : Carrier.NATIVE;
        return new Desk(c, PlanOptions.DEFAULT.backend(backend).carrier(carrier), arena);
    }

    /** Why planning failed, if that is because the backend declined; padded norms plan when they are executed. */
    private static String declined(IllegalStateException e, String backend) {
        String start = "backend '" + backend + "' is forced but cannot run ";
        String message = String.valueOf(e.getMessage());
        return message.startsWith(start) ? message.substring(message.indexOf(": ", start.length()) + 2) : null;
    }

    private static Map<String, double[]> run(Desk desk, Exercise exercise, Judge judge) {
        desk.fill();
        exercise.run();
        desk.check(judge);
        return desk.results();
    }

    private static void compareWithPortable(Family family, TechniqueCase c, Map<String, double[]> got, Judge judge) {
        try (Arena arena = Arena.ofConfined()) {
            Desk desk = desk(c, PORTABLE, arena);
            try (Exercise exercise = family.maker().apply(desk)) {
                compareBits(run(desk, exercise, judge), got, PORTABLE, judge);
            }
        }
    }

    private static void compareBits(Map<String, double[]> expected, Map<String, double[]> got, String what,
            Judge judge) {
        expected.forEach((output, numbers) -> {
            int i = Arrays.mismatch(numbers, got.get(output));
            if (i >= 0) {
                judge.fail(output, "the bits differ from those of " + what + " first at element " + i + ": "
                        + got.get(output)[i] + " instead of " + numbers[i]);
            }
        });
    }

    private void judge(Family family, Desk desk, Exercise exercise, Judge judge) {
        DataType type = desk.type();
        double share = Math.max(tolerance.perOffset(), type == DataType.F64 ? 1 : 0);
        Formula formula = new Formula(desk.values(), share);
        exercise.formula(formula);
        formula.differentiate();
        double room = family.kernels() || type == DataType.F32 ? 1 : roomForPlainSums(desk.x().elements());
        for (String name : desk.outputNames()) {
            Term[] exact = formula.exact(name);
            if (exact != null) {
                compare(desk, name, exact, Term::value, Term::size, room * tolerance.y(type), judge);
            } else {
                Term[] variable = formula.in(name.substring(1));
                compare(desk, name, variable, Term::gradient, Term::gradientSize, room * gradients(type), judge);
            }
        }
        if (Differences.applicable(desk.which())) {
            Differences.check(desk, exercise, formula, judge);
        }
    }

    /**
     * Loops of a technique's own add up in double, one element after the other, so that in f64 the error of a sum may grow as a
     * random walk does. Most of the steps are much less than half an ulp.
     */
    private static double roomForPlainSums(long elements) {
        return Math.max(1, Math.sqrt(elements) / 8);
    }

    /** In f64, whose statistics and sums cannot be formed in a wider type, as much more as for y. */
    private double gradients(DataType type) {
        return tolerance.dx() * tolerance.y(type) / tolerance.y();
    }

    private static void compare(Desk desk, String name, Term[] terms, Function<Term, Quad> value,
            ToDoubleFunction<Term> size, double limit, Judge judge) {
        Quad[] exact = Arrays.stream(terms).map(value).toArray(Quad[]::new);
        double[] sizes = Arrays.stream(terms).mapToDouble(size).toArray();
        double[] limits = new double[exact.length];
        Arrays.fill(limits, limit);
        judge.compare(name, desk.output(name), desk.type(), exact, sizes, limits);
    }
}
