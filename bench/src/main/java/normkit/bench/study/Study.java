package normkit.bench.study;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;
import normkit.bench.console.Progress;
import normkit.bench.files.BadInputException;
import normkit.bench.limits.BandwidthBenchmark;
import normkit.bench.limits.FmaBenchmark;
import normkit.bench.run.Memory;
import normkit.bench.run.RegretRow;
import normkit.bench.run.StolenTime;
import normkit.bench.run.Threads;
import normkit.dispatch.Request;
import normkit.spi.Operation;
import normkit.spi.Problem;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures limits, accuracy, the planner's regret and times, in this order, and keeps each figure in a file as soon as it is
 * there, so that nothing is lost when somebody interrupts it. Not thread-safe, but for {@link #result()},
 * {@link #stop()} and {@link #isStopped()}.
 */
public final class Study {

    private static final Duration REGRET_BUDGET = Duration.ofSeconds(2);
    /** To decide by measurement, to time all backends, and to hold each against the reference. */
    private static final Duration USUAL_REGRET = REGRET_BUDGET.multipliedBy(3);
    private static final double MICRO = 1e-6;

    private final StudyOptions options;
    private final Agenda agenda;
    private final Schedule schedule;
    private final Path file;
    private final ResultFile result;
    private final List<String> notes = new ArrayList<>();
    private final List<Job> jobs;
    private final Supplier<OptionalDouble> stolen;
    /** From a run that this one goes on with. */
    private final double stolenBefore;
    private int done;
    private int answered;
    private Duration answering = USUAL_REGRET;
    private final List<String> late = new ArrayList<>();
    private boolean failed;
    private volatile boolean stopped;

    /**
     * Plans a study.
     *
     * @param options what is asked for
     * @param limit how long it may take from {@code start} on, or null
     * @param start when it began, as of {@link System#nanoTime()}
     * @param result what figures are added to; those it has are not measured again
     * @param file where the result is kept, or null
     * @throws BadInputException if the options leave nothing to measure
     */
    public Study(StudyOptions options, Duration limit, long start, ResultFile result, Path file) {
        this(options, new Schedule(options.forks(), limit, start), result, file);
    }

    private Study(StudyOptions options, Schedule schedule, ResultFile result, Path file) {
        this(options, Agenda.of(options, schedule::fits), schedule, result, file, new StolenTime()::share);
    }

    /** With what tells the share of time that was stolen so far. */
    Study(StudyOptions options, Agenda agenda, Schedule schedule, ResultFile result, Path file,
            Supplier<OptionalDouble> stolen) {
        if (agenda.isEmpty()) {
            throw new BadInputException("--filter leaves nothing to measure: nothing has "
                    + String.join(" and ", options.filter()) + "; descriptions are such as '" + Agenda.QUICK.getFirst()
                    + "', 'sweep of layer_norm', 'accuracy of layer_norm' and 'regret of " + Agenda.QUICK.getFirst()
                    + "'");
        }
        this.options = options;
        this.agenda = agenda.without(result);
        this.schedule = schedule;
        this.jobs = this.agenda.jobs();
        this.result = result;
        this.file = file;
        this.stolen = stolen;
        this.stolenBefore = result.stolen().orElse(0);
        result.leaveOut(agenda.leftOut());
        if (!agenda.leftOut().isEmpty()) {
            notes.add("there was no time for " + String.join(", ", agenda.leftOut()));
        }
    }

    /**
     * Measures everything.
     *
     * @throws BadInputException if the file cannot be written
     */
    public void run() {
        save();
        try (Progress progress = new Progress()) {
            for (Job job : agenda.limits()) {
                time(job, progress);
            }
            for (Operation operation : agenda.accuracies()) {
                progress.show("accuracy of " + operation.label(), left());
                accuracy(operation);
            }
            for (Agenda.Question question : agenda.regrets()) {
                progress.show("regret " + (answered + 1) + " of " + agenda.regrets().size(), left());
                regret(question);
            }
            for (Job job : agenda.rows()) {
                time(job, progress);
            }
        }
        if (!late.isEmpty()) {
            notes.add("time ran out before " + late.size() + " of " + jobs.size() + " measurements");
            result.leaveOut(Stream.concat(agenda.leftOut().stream(), late.stream()).toList());
        } else if (!stopped) {
            result.complete();
        }
        save();
    }

    private synchronized void save() {
        // If nothing was timed, no figure has suffered.
        if (done + answered > 0) {
            stolen.get().ifPresent(share -> result.stolen(Math.max(share, stolenBefore)));
        }
        if (file != null && !stopped) {
            result.write(file);
        }
    }

    /**
     * Ends the study from another thread, as when somebody interrupts it: what has been measured is in the file when this
     * returns, and nothing is written any more.
     */
    public synchronized void stop() {
        stopped = true;
    }

    /**
     * Tells whether somebody ended the study.
     *
     * @return true after {@link #stop()}
     */
    public boolean isStopped() {
        return stopped;
    }

    /** How long everything that is left will take, but for accuracy, which takes seconds. */
    private Duration left() {
        return schedule.left(jobs.subList(done, jobs.size()), System.nanoTime())
                .plus(answering.multipliedBy(agenda.regrets().size() - answered));
    }

    private void time(Job job, Progress progress) {
        long begin = System.nanoTime();
        if (stopped) {
            return;
        }
        if (schedule.isOver(begin)) {
            late.add(job.toString());
            return;
        }
        int leftOut = agenda.leftOut().size();
        progress.show("timing " + (done + 1) + " of " + jobs.size() + (leftOut == 0 ? "" : ", " + leftOut + " left out")
                + ": " + job, left());
        Pace pace = schedule.pace(jobs.subList(done, jobs.size()), begin);
        done++;
        if (isTooLarge(job.toString(), job.memory())) {
            return;
        }
        try {
            add(job, Timing.run(job, pace));
            schedule.took(job, pace, Duration.ofNanos(System.nanoTime() - begin));
            save();
        } catch (RunnerException e) {
            failed = true;
            notes.add(job + " was not timed: " + e.getMessage());
        }
    }

    private boolean isTooLarge(String what, long memory) {
        try {
            Memory.require(memory);
            return false;
        } catch (IllegalStateException e) {
            notes.add(what + " was skipped: " + e.getMessage());
            return true;
        }
    }

    private void add(Job job, JsonObject json) {
        Row row = Row.of(json);
        if (job.benchmark() == BandwidthBenchmark.class) {
            long workingSet = Long.parseLong(row.params().get("workingSet"));
            double rate = job.threads() * workingSet / (row.score() * MICRO);
            result.add(
                    new Limits.Bandwidth(row.params().get("kind"), workingSet, job.threads(), rate, error(rate, row)));
        } else if (job.benchmark() == FmaBenchmark.class) {
            String type = row.params().get("type");
            int bits = Integer.parseInt(row.params().get("bits"));
            double rate = job.threads() * FmaBenchmark.operations(type, bits) / (row.score() * MICRO);
            result.add(new Limits.Fma(type, bits, job.threads(), rate, error(rate, row)));
        } else {
            result.add(json);
        }
    }

    /** A rate's error relative to it is about that of the time. */
    private static double error(double rate, Row row) {
        return rate * row.error() / row.score();
    }

    private void accuracy(Operation operation) {
        for (double offset : ExactCase.OFFSETS) {
            try (ExactCase exact = new ExactCase(operation, offset)) {
                options.backends().stream().filter(backend -> Agenda.supports(backend, exact.problem()))
                        .filter(backend -> !result.has(operation, backend, offset))
                        .forEach(backend -> result.add(exact.run(backend)));
            }
        }
        save();
    }

    private void regret(Agenda.Question question) {
        long begin = System.nanoTime();
        Problem problem = question.problem();
        answered++;
        if (stopped || isTooLarge("regret of " + problem, Memory.need(problem, 1))) {
            return;
        }
        try {
            Request request = Request.DEFAULT.parallel(Threads.of(question.degree()));
            Choice.of(RegretRow.of(problem, request, REGRET_BUDGET, true, RegretRow::time)).forEach(result::add);
            save();
            Duration time = Duration.ofNanos(System.nanoTime() - begin);
            // The mean, with what is usual as if it had been the first.
            answering = answering.plus(time.minus(answering).dividedBy(answered + 1));
        } catch (IllegalStateException e) {
            failed = true;
            notes.add("regret of " + problem + " was not measured: " + e.getMessage());
        }
    }

    /**
     * Returns what has been measured so far; may be called while the study runs.
     *
     * @return the result
     */
    public ResultFile result() {
        return result;
    }

    /**
     * Returns what went wrong or was left out.
     *
     * @return one line each
     */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /**
     * Tells whether something could not be measured that should have been.
     *
     * @return true if a backend failed or was wrong
     */
    public boolean failed() {
        return failed;
    }
}
