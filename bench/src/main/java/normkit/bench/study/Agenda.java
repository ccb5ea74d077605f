package normkit.bench.study;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.SweepBenchmark;
import normkit.bench.limits.FmaBenchmark;
import normkit.bench.limits.Route;
import normkit.bench.run.RealModels;
import normkit.bench.run.Workload;
import normkit.dispatch.Backends;
import normkit.spi.Operation;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * What a study measures.
 *
 * @param limits limits of the machine
 * @param accuracies operations whose results are held against the exact ones
 * @param regrets what the planner is asked
 * @param rows problems on backends, and copies of their tensors; then the sweep over sizes
 * @param leftOut descriptions of the problems that there is no time for
 */
record Agenda(List<Job> limits, List<Operation> accuracies, List<Question> regrets, List<Job> rows,
        List<String> leftOut) {

    private static final long SMALLEST = 1 << 14;
    private static final long LARGEST = 1 << 28;
    private static final long FACTOR = 4;
    private static final long QUICK_FACTOR = 16;
    private static final List<String> SWEPT = List.of("layer_norm", "batch_norm");

    /** One or two of each kind, as {@link RealModels} has them; what tells most comes first and is left out last. */
    static final List<String> QUICK = List.of("layer_norm forward rows 256x768", "layer_norm backward rows 256x768",
            "rms_norm forward rows 2048x4096", "batch_norm forward ncx 32x64x56x56",
            "batch_norm backward ncx 32x64x56x56", "batch_norm inference ncx 50x512x7x7",
            "batch_norm forward nxc 32x56x56x64", "batch_norm backward nxc 32x56x56x64",
            "group_norm forward ncx 2x640x48x48 32 groups", "group_norm backward ncx 2x640x48x48 32 groups",
            "instance_norm forward ncx 1x32x224x224", "rms_norm forward rows 1x4096",
            "layer_norm forward rows 8192x1024", "instance_norm backward ncx 1x32x224x224",
            "batch_norm forward ncx 256x1024");

    /**
     * What a planner is asked.
     *
     * @param problem the problem
     * @param degree number of threads that share a call
     */
    record Question(Problem problem, int degree) {}

    /** Everything the options ask for. */
    static Agenda of(StudyOptions options) {
        return of(options, jobs -> true);
    }

    /** As much of what the options ask for as fits: as many of the problems as may be, but at least one. */
    static Agenda of(StudyOptions options, Predicate<List<Job>> fits) {
        List<Problem> problems = problems(options.quick());
        List<Problem> timed = problems.stream().filter(p -> options.accepts(description(p))).toList();
        List<Question> regrets = options.quick()
                ? List.of()
                : options.degrees().stream().flatMap(degree -> problems.stream()
                        .filter(p -> options.accepts("regret of " + description(p))).map(p -> new Question(p, degree)))
                        .toList();
        int count = timed.size();
        Agenda agenda = of(options, timed, regrets, count);
        while (count > 1 && !fits.test(agenda.jobs())) {
            count--;
            agenda = of(options, timed, regrets, count);
        }
        return agenda;
    }

    private static Agenda of(StudyOptions options, List<Problem> problems, List<Question> regrets, int count) {
        List<Job> rows = new ArrayList<>();
        options.threads().forEach(threads -> options.degrees()
                .forEach(degree -> rows.addAll(rows(problems.subList(0, count), options.backends(), threads, degree))));
        if (!options.quick()) {
            SWEPT.stream().filter(operation -> options.accepts("sweep of " + operation))
                    .forEach(operation -> rows.addAll(sweep(operation, options.backends())));
        }
        List<Job> limits = new ArrayList<>();
        if (!rows.isEmpty()) {
            options.threads().stream().flatMap(threads -> options.degrees().stream().map(degree -> threads * degree))
                    .distinct().forEach(threads -> limits.addAll(limits(options.quick(), threads)));
        }
        return new Agenda(limits,
                Stream.of(Operation.values()).filter(o -> options.accepts("accuracy of " + o.label())).toList(),
                regrets, rows, problems.stream().skip(count).map(Agenda::description).toList());
    }

    private static List<Problem> problems(boolean quick) {
        List<Problem> models = RealModels.problems();
        return quick
                ? QUICK.stream().map(name -> models.stream().filter(p -> description(p).equals(name)).findFirst())
                        .map(Optional::orElseThrow).toList()
                : Stream.concat(models.stream(), RealModels.extremes().stream()).toList();
    }

    private static String description(Problem problem) {
        return Workload.of(problem).toString();
    }

    /** Everything that is timed, in order. */
    List<Job> jobs() {
        return Stream.concat(limits.stream(), rows.stream()).toList();
    }

    /** A copy per size, which is not shared, and each problem on the backends that support it. */
    private static List<Job> rows(List<Problem> problems, List<String> backends, int threads, int degree) {
        List<Job> rows = new ArrayList<>();
        Set<Long> copied = new HashSet<>();
        for (Problem problem : problems) {
            if (degree == 1 && copied.add(problem.x().byteSize())) {
                rows.add(Job.norm(Workload.of(problem), NormBenchmark.COPY, threads, 1));
            }
            backends.stream().filter(backend -> supports(backend, problem))
                    .forEach(backend -> rows.add(Job.norm(Workload.of(problem), backend, threads, degree)));
        }
        return rows;
    }

    private static List<Job> sweep(String operation, List<String> backends) {
        List<Job> rows = new ArrayList<>();
        SweepBenchmark.sizes().forEach(bytes -> {
            rows.add(Job.sweep(operation, bytes, NormBenchmark.COPY));
            backends.stream().filter(backend -> supports(backend, SweepBenchmark.problem(operation, bytes)))
                    .forEach(backend -> rows.add(Job.sweep(operation, bytes, backend)));
        });
        return rows;
    }

    static boolean supports(String backend, Problem problem) {
        return Backends.named(backend).backend().answer(problem) instanceof Support.Supported;
    }

    private static List<Job> limits(boolean quick, int threads) {
        List<Job> limits = new ArrayList<>();
        long factor = quick ? QUICK_FACTOR : FACTOR;
        LongStream.iterate(SMALLEST, size -> size <= LARGEST, size -> size * factor).forEach(size -> {
            for (Route kind : Route.values()) {
                limits.add(Job.bandwidth(kind, size, threads));
            }
        });
        FmaBenchmark.widths().skip(quick ? FmaBenchmark.widths().count() - 1 : 0).forEach(bits -> {
            limits.add(Job.fma("f32", bits, threads));
            limits.add(Job.fma("f64", bits, threads));
        });
        return limits;
    }

    /** What a result lacks of it. Accuracy goes by backend, so that its operations stay. */
    Agenda without(ResultFile result) {
        return new Agenda(limits.stream().filter(job -> !result.has(job)).toList(), accuracies,
                regrets.stream().filter(question -> !result.has(question)).toList(),
                rows.stream().filter(job -> !result.has(job)).toList(), leftOut);
    }

    boolean isEmpty() {
        return accuracies.isEmpty() && regrets.isEmpty() && rows.isEmpty();
    }
}
