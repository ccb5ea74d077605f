package normkit.bench.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.report.HtmlReport;
import normkit.bench.run.Machine;
import normkit.bench.study.Comparison;
import normkit.bench.study.Markdown;
import normkit.bench.study.ResultFile;
import normkit.bench.study.Study;
import normkit.bench.study.StudyOptions;
import normkit.bench.study.Summary;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Parallelism;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the backends, or compares or prints what was measured. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Times every backend on the shapes of real models and holds the times against what this CPU and its memory "
        + "can do at best; or compares two results.")
final class Bench implements Callable<Integer> {

    /** What a quick study may take, so that all of it takes less than three minutes. */
    static final Duration QUICK = Duration.ofSeconds(165);

    private static final String COMPARE = "--compare";
    private static final String STRICT = "--fail-on-regression";
    private static final String MARKDOWN = "--markdown";
    /** What a shell says of a command that SIGINT ended. */
    private static final int INTERRUPTED = 130;
    private static final String REPORTED = "bench.json";
    private static final int FORKS = 5;
    private static final int MOST_FORKS = 1000;
    private static final int MOST_THREADS = 1024;

    @Option(names = "--quick", description = "a few shapes, in less than three minutes")
    private boolean quick;

    @Option(names = "--full", description = "all shapes, a sweep over sizes, and what the planner's choices cost: hours (default)")
    private boolean full;

    @Option(names = "--backends", split = ",", paramLabel = "NAME", description = "only these backends (default: all that are available)")
    private List<String> backends;

    @Option(names = "--filter", paramLabel = "TEXT", description = "only problems whose description has this text, such as layer_norm, backward or 256x768, and the 'sweep of' and 'accuracy of' operations and 'regret of' problems that have it; of texts between commas, one will do; given more than once, all of them")
    private List<String> filter = new ArrayList<>();

    @Option(names = "--forks", paramLabel = "N", description = "JVMs each row is measured in, one after another (default: 5; quick: 1)")
    private Integer forks;

    @Option(names = "--threads", split = ",", paramLabel = "N", defaultValue = "1", description = "numbers of threads that run each problem at a time (default: 1)")
    private List<Integer> threads;

    @Option(names = "--degrees", split = ",", paramLabel = "N", defaultValue = "1", description = "numbers of threads that share a call, as far as a backend can divide it (default: 1)")
    private List<Integer> degrees;

    @Option(names = "--json", paramLabel = "FILE", description = "keeps the result in this file, from the first row on")
    private Path json;

    @Option(names = "--report", paramLabel = "DIR", description = "makes a page of the result, normkit.html, in this directory; and keeps the result there as bench.json, unless --json names another file")
    private Path report;

    @Option(names = "--resume", description = "goes on with what the file has of the same machine and build, if an earlier run was interrupted")
    private boolean resume;

    @Option(names = COMPARE, arity = "2", paramLabel = "FILE", description = "measures nothing, but prints the time ratios of the second result to the first, with the bounds their 99.9 %% confidence intervals leave; results are of bench --json or jmh -rf json")
    private Path[] compared;

    @Option(names = STRICT, description = "with --compare: exit code 1 if a benchmark got slower beyond noise")
    private boolean strict;

    @Option(names = MARKDOWN, paramLabel = "FILE", description = "measures nothing, but prints a result of bench --json as Markdown tables")
    private Path markdown;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (compared != null) {
            requireNoneBut(COMPARE, STRICT);
            Comparison comparison = new Comparison(compared[0], compared[1]);
            out.print(comparison);
            return strict && comparison.regressions() > 0 ? 1 : 0;
        }
        if (strict) {
            throw new BadInputException(STRICT + " is for " + COMPARE);
        }
        if (markdown != null) {
            requireNoneBut(MARKDOWN);
            out.print(new Markdown(ResultFile.read(markdown)));
            return 0;
        }
        return measure(out);
    }

    private void requireNoneBut(String... together) {
        spec.commandLine().getParseResult().matchedOptions().stream().map(OptionSpec::longestName)
                .filter(name -> !List.of(together).contains(name)).findFirst().ifPresent(name -> {
                    throw new BadInputException(name + " does not go with " + together[0] + ", which measures nothing");
                });
    }

    private int measure(PrintWriter out) {
        if (quick && full) {
            throw new BadInputException("--quick and --full are both given; there must be at most one of them");
        }
        int jvms = forks != null ? forks : quick ? 1 : FORKS;
        require("--forks", jvms, MOST_FORKS);
        threads.forEach(number -> require("--threads", number, MOST_THREADS));
        degrees.forEach(number -> require("--degrees", number, Parallelism.MOST));
        StudyOptions options = new StudyOptions(quick, backends(backends), filter, jvms,
                threads.stream().distinct().toList(), degrees.stream().distinct().toList());
        Path file = file();
        long start = System.nanoTime();
        Machine machine = Machine.here();
        ResultFile result = resume ? ResultFile.resume(file, machine) : ResultFile.begin(machine);
        int exitCode = run(new Study(options, quick ? QUICK : null, start, result, file), out);
        if (report != null && exitCode != INTERRUPTED) {
            out.println(HtmlReport.write(file, report));
        }
        return exitCode;
    }

    /** Where the result is kept; null if nowhere. Checked before the time is spent. */
    private Path file() {
        Path file = json != null || report == null ? json : report.resolve(REPORTED);
        if (resume && file == null) {
            throw new BadInputException("--resume goes with --json or --report, which name the file");
        }
        if (file != null) {
            Outputs.requireDirectory(file.toAbsolutePath().getParent());
        }
        if (report != null) {
            Outputs.requireDirectory(report);
        }
        return file;
    }

    /** Runs a study and prints what it found, even if somebody interrupts it; returns the exit code. */
    static int run(Study study, PrintWriter out) {
        Thread onInterrupt = new Thread(() -> {
            study.stop();
            out.print(new Summary(study.result()));
            out.println("Interrupted; rows are missing.");
            out.flush();
        });
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            study.run();
        } finally {
            if (!study.isStopped()) {
                Runtime.getRuntime().removeShutdownHook(onInterrupt);
            }
        }
        if (study.isStopped()) {
            return INTERRUPTED;
        }
        out.print(new Summary(study.result()));
        study.notes().forEach(out::println);
        out.flush();
        return study.failed() ? 1 : 0;
    }

    private static void require(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new BadInputException(option + " is " + value + "; it must be 1 to " + most);
        }
    }

    private static List<String> backends(List<String> names) {
        if (names == null) {
            return Backends.all().stream().filter(Backends.Probed::available).map(p -> p.backend().name()).toList();
        }
        names.forEach(Bench::requireAvailable);
        return names.stream().distinct().toList();
    }

    private static void requireAvailable(String name) {
        try {
            if (Backends.named(name).availability() instanceof Availability.Unavailable unavailable) {
                throw new BadInputException("--backends: " + name + " is not available: " + unavailable.reason());
            }
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--backends: " + e.getMessage(), e);
        }
    }
}
