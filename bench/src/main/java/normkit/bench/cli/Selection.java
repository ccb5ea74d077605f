package normkit.bench.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import normkit.bench.files.BadInputException;
import normkit.bench.run.RealModels;
import normkit.bench.run.Threads;
import normkit.dispatch.Carrier;
import normkit.dispatch.Request;
import normkit.spi.Parallelism;
import normkit.spi.Problem;
import picocli.CommandLine.Option;

/** The options of {@code tune} and {@code regret} that choose problems among those of real models. */
final class Selection {

    private static final double LONGEST_SECONDS = 3600;

    @Option(names = "--only", paramLabel = "TEXT", description = "only problems whose description has this text, such as layer_norm, backward or 256x768; given more than once, all of them")
    private List<String> only = new ArrayList<>();

    @Option(names = "--carrier", paramLabel = "C", defaultValue = "native", description = "where the tensors are: native or heap (default: native)")
    private Carrier carrier;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "how many threads share an execution, 1 to 64 (default: 1)")
    private int threads;

    /** What the planner is asked for. */
    Request request() {
        return Request.DEFAULT.carrier(carrier).parallel(parallelism(threads));
    }

    /**
     * The parallelism of {@code --threads}.
     *
     * @throws BadInputException if the number is out of range
     */
    static Parallelism parallelism(int threads) {
        try {
            return Threads.of(threads);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--threads: " + e.getMessage(), e);
        }
    }

    /**
     * The selected problems of real models, and of the extremes if wanted.
     *
     * @throws BadInputException if there is none
     */
    List<Problem> problems(boolean extremes) {
        Stream<Problem> all = Stream.concat(RealModels.problems().stream(),
                extremes ? RealModels.extremes().stream() : Stream.empty());
        List<Problem> problems = all.filter(p -> only.stream().allMatch(text -> p.toString().contains(text))).toList();
        if (problems.isEmpty()) {
            throw new BadInputException("--only leaves no problem: none has " + String.join(" and ", only)
                    + "; descriptions are such as '" + RealModels.problems().getFirst() + "'");
        }
        return problems;
    }

    /** A duration given in seconds. */
    static Duration seconds(String option, double seconds) {
        if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) {
            throw new BadInputException(option + " is " + seconds + "; it must be above 0 and at most "
                    + (long) LONGEST_SECONDS + " seconds");
        }
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
