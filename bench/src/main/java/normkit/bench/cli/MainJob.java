package normkit.bench.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.Stopwatch;
import normkit.bench.jmh.Workload;
import normkit.bench.run.Machine;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Support;
import org.openjdk.jmh.runner.RunnerException;

/**
 * What the command line does without a command: finds the backends, holds each against the oracle, and times those
 * that are right on the shapes of real models, beside a copy of the tensor. Takes less than three minutes.
 */
final class MainJob {

    private static final Duration LIMIT = Duration.ofSeconds(165);
    /** Start of a JVM and filling of tensors, which is not measured. */
    private static final Duration OVERHEAD = Duration.ofMillis(900);
    private static final Duration LONGEST = Duration.ofMillis(2000);
    private static final Duration SHORTEST = Duration.ofMillis(200);
    private static final int FAILURES_SHOWN = 5;

    private final PrintWriter out;
    private final long start = System.nanoTime();
    private final List<String> complaints = new ArrayList<>();
    private boolean failed;

    MainJob(PrintWriter out) {
        this.out = out;
    }

    /** One thing to time. */
    private record Measurement(Workload workload, String backend) {}

    int run() {
        describe();
        List<Backend> right = check(Backends.all().stream().filter(p -> !p.backend().onlyByName()).toList());
        time(right);
        out.flush();
        return failed || !complaints.isEmpty() ? 1 : 0;
    }

    private void describe() {
        Machine.here().facts().forEach((name, value) -> {
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
        Duration timing = OVERHEAD.plus(LONGEST).multipliedBy(measurements(List.of(backend)).size());
        long begin = System.nanoTime();
        try (Progress progress = new Progress()) {
            return Conformance.quick().tolerance(Bounds.of(backend)).run(backend,
                    (done, of) -> progress.show("checking " + backend.name() + ": " + done + " of " + of + " cases",
                            Progress.left(begin, done, of).plus(timing)));
        }
    }

    private void time(List<Backend> backends) {
        Timings timings = new Timings(backends.stream().map(Backend::name).toList());
        List<Measurement> todo = measurements(backends);
        int skipped = 0;
        try (Progress progress = new Progress()) {
            for (int i = 0; i < todo.size(); i++) {
                Duration left = LIMIT.minusNanos(System.nanoTime() - start);
                Measurement measurement = todo.get(i);
                Duration share = share(left, todo.size() - i);
                progress.show("timing " + (i + 1) + " of " + todo.size() + ": " + measurement.backend() + ", "
                        + measurement.workload().problem(), OVERHEAD.plus(share).multipliedBy(todo.size() - i));
                if (left.isNegative()) {
                    skipped++;
                } else {
                    time(measurement, share, timings);
                }
            }
        }
        out.print(timings.table().replace("µ", canWrite("µ") ? "µ" : "u").replace("×", canWrite("×") ? "×" : "x"));
        complaints.forEach(out::println);
        if (skipped > 0) {
            out.println("Time ran out before " + skipped + " of " + todo.size() + " measurements.");
        }
    }

    private static boolean canWrite(String character) {
        return System.out.charset().newEncoder().canEncode(character);
    }

    private void time(Measurement measurement, Duration share, Timings timings) {
        try {
            timings.put(measurement.workload(), measurement.backend(),
                    Stopwatch.microseconds(measurement.workload(), measurement.backend(), share));
        } catch (RunnerException e) {
            complaints.add(measurement.backend() + " could not be timed on " + measurement.workload().problem() + ": "
                    + e.getMessage());
        }
    }

    /** Everything to time: one copy per size, and each workload on the backends that support it. */
    private static List<Measurement> measurements(List<Backend> backends) {
        List<Measurement> measurements = new ArrayList<>();
        Set<Long> copied = new HashSet<>();
        for (Workload workload : Workload.values()) {
            if (copied.add(workload.problem().x().byteSize())) {
                measurements.add(new Measurement(workload, NormBenchmark.COPY));
            }
            for (Backend backend : backends) {
                if (backend.supports(workload.problem()) instanceof Support.Supported) {
                    measurements.add(new Measurement(workload, backend.name()));
                }
            }
        }
        return measurements;
    }

    /** Deals out the time that is left evenly. */
    private static Duration share(Duration left, int measurements) {
        Duration share = left.dividedBy(measurements).minus(OVERHEAD);
        if (share.compareTo(LONGEST) > 0) {
            return LONGEST;
        }
        return share.compareTo(SHORTEST) < 0 ? SHORTEST : share;
    }
}
