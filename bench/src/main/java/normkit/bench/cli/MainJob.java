package normkit.bench.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import normkit.bench.console.Progress;
import normkit.bench.run.Machine;
import normkit.bench.study.ResultFile;
import normkit.bench.study.Study;
import normkit.bench.study.StudyOptions;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;

/**
 * What the command line does without a command: finds the backends, holds each against the oracle, and times those that are
 * right as {@code bench --quick} does. Takes less than three minutes.
 */
final class MainJob {

    private static final int FAILURES_SHOWN = 5;

    private final PrintWriter out;
    private final long start = System.nanoTime();
    private final Machine machine = Machine.here();
    private boolean failed;

    MainJob(PrintWriter out) {
        this.out = out;
    }

    int run() {
        describe();
        List<String> right = check(Backends.all().stream().filter(p -> !p.backend().onlyByName()).toList()).stream()
                .map(Backend::name).toList();
        ResultFile result = ResultFile.begin(machine);
        int exitCode = Bench.run(new Study(StudyOptions.quick(right), Bench.QUICK, start, result, null), out);
        return failed ? 1 : exitCode;
    }

    private void describe() {
        machine.facts().forEach((name, value) -> {
            if (!name.equals("features")) {
                out.printf("%-8s %s%n", name, value);
            }
        });
    }

    /** Reports the state of backends and returns those that may be timed. */
    List<Backend> check(List<Backends.Probed> all) {
        List<Backend> right = new ArrayList<>();
        for (Backends.Probed probed : all) {
            if (isRight(probed)) {
                right.add(probed.backend());
            }
            out.flush();
        }
        Backends.failures().forEach(failure -> out.println("a backend could not be loaded: " + failure));
        out.println();
        out.flush();
        return right;
    }

    /** Reports a backend's state and tells whether it may be timed. */
    private boolean isRight(Backends.Probed probed) {
        String name = probed.backend().name();
        if (probed.availability() instanceof Availability.Unavailable unavailable) {
            out.printf("%-8s not available: %s%n", name, unavailable.reason());
            return false;
        }
        Report report = check(probed.backend());
        int cases = report.rows().stream().mapToInt(Report.Row::cases).sum();
        if (report.clean()) {
            out.printf("%-8s agrees with the oracle in all of %d cases%n", name, cases);
        } else {
            failed = true;
            out.printf("%-8s is wrong in %d of %d cases, so it is not timed%n", name,
                    report.rows().stream().mapToInt(Report.Row::failures).sum(), cases);
            report.failures().stream().limit(FAILURES_SHOWN)
                    .forEach(f -> out.printf("         %s, %s: %s%n", f.caseName(), f.output(), f.message()));
        }
        return report.clean();
    }

    private static Report check(Backend backend) {
        long begin = System.nanoTime();
        try (Progress progress = new Progress()) {
            return Conformance.quick().tolerance(Bounds.of(backend)).run(backend,
                    (done, of) -> progress.show("checking " + backend.name() + ": " + done + " of " + of + " cases",
                            Progress.left(begin, done, of)));
        }
    }
}
