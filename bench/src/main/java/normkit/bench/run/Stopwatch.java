package normkit.bench.run;

import java.time.Duration;
import normkit.dispatch.Measurement;
import normkit.dispatch.Request;
import normkit.spi.Problem;

/** Times all backends that could be chosen for a problem; {@link RegretRow#time} is the real one. */
@FunctionalInterface
public interface Stopwatch {

    /**
     * Times the backends.
     *
     * @param problem the problem
     * @param request where the tensors are, and how many threads share an execution
     * @param budget about how long the timing may take
     * @return the times, of one backend at least
     * @throws IllegalStateException if the problem cannot be timed, or no backend is right
     */
    Measurement time(Problem problem, Request request, Duration budget);
}
