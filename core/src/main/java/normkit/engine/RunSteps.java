package normkit.engine;

import java.util.Arrays;
import normkit.activation.Activation;
import normkit.geometry.Lanes;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** Element-wise steps over chunks of runs, which a team shares. Serves one thread at a time. */
final class RunSteps {

    /** Tasks per member: more even out threads that are not equally fast, fewer cost less to hand out. */
    private static final int TASKS = 4;

    /** Elements per member that kernels and steps take in turn: they stay in the cache between the two. */
    private static final long TURN = 32 * 1024;

    private enum Step {
        ACTIVATE, GRADIENT, ADD, OUTPUT_GRADIENT
    }

    private final Team team;
    private final Elements[] elements;

    // Kept, as are the arguments below, because a lambda that captures them would be allocated in every run.
    private final Team.Work task = this::task;
    private Step step;
    private Activation f;
    private Tensor a;
    private Tensor b;
    private Tensor to;
    private Coefficients c;
    private Tensor scale;
    private Tensor shift;
    private Runs form;
    private long from;
    private long end;
    private long each;

    RunSteps(DataType type, Team team) {
        this.team = team;
        this.elements = new Elements[team.size()];
        Arrays.setAll(elements, i -> Elements.of(type));
    }

    /** How many chunks to hand to a kernel and then to a step. */
    long turn(Runs runs) {
        long chunk = Math.max(1, runs.count() / runs.chunks());
        return Math.max(1, TURN / chunk) * (team.size() == 1 ? 1 : (long) TASKS * team.size());
    }

    /** y = f(x) for chunks {@code first} … {@code last} − 1. */
    void activate(Activation activation, Runs runs, long first, long last, Tensor x, Tensor y) {
        f = activation;
        a = x;
        run(Step.ACTIVATE, runs, first, last, y);
    }

    /** dx = dy·f′(x). */
    void gradient(Activation activation, Runs runs, long first, long last, Tensor dy, Tensor x, Tensor dx) {
        f = activation;
        a = dy;
        b = x;
        run(Step.GRADIENT, runs, first, last, dx);
    }

    /** sum = x + y. */
    void add(Runs runs, long first, long last, Tensor x, Tensor y, Tensor sum) {
        a = x;
        b = y;
        run(Step.ADD, runs, first, last, sum);
    }

    /** See {@link Elements#outputGradient}. */
    void outputGradient(Activation activation, Runs runs, long first, long last, Coefficients coefficients, Tensor dy,
            Tensor x, Tensor scales, Tensor shifts, Tensor dz) {
        f = activation;
        a = dy;
        b = x;
        c = coefficients;
        scale = scales;
        shift = shifts;
        run(Step.OUTPUT_GRADIENT, runs, first, last, dz);
    }

    private void run(Step what, Runs runs, long first, long last, Tensor target) {
        step = what;
        form = runs;
        from = first;
        end = last;
        to = target;
        int tasks = team.size() == 1 ? 1 : (int) Math.min(last - first, (long) TASKS * team.size());
        each = Lanes.ceilDiv(last - first, tasks);
        team.run((int) Lanes.ceilDiv(last - first, each), task);
        forget();
    }

    /** Lets go of the caller's memory. */
    private void forget() {
        a = null;
        b = null;
        to = null;
        scale = null;
        shift = null;
    }

    private void task(int number, int member) {
        long first = from + number * each;
        long last = Math.min(end, first + each);
        if (step != Step.OUTPUT_GRADIENT && form.runs() == 1 && form.chunks() == 1) {
            long stop = form.start(last - 1, 0) + form.length();
            for (long at = form.start(first, 0); at < stop; at += Elements.BLOCK) {
                piece(elements[member], at, (int) Math.min(Elements.BLOCK, stop - at), 0, 0);
            }
            return;
        }
        for (long chunk = first; chunk < last; chunk++) {
            long set = form.setOf(chunk);
            long stop = form.blockEnd(chunk);
            for (long block = form.blockStart(chunk); block < stop; block++) {
                long offset = form.offset(block);
                int length = form.lengthInRun(block);
                for (long run = form.firstRun(block); run < form.endRun(block); run++) {
                    piece(elements[member], form.start(set, run) + offset, length, set, offset);
                }
            }
        }
    }

    private void piece(Elements own, long start, int n, long set, long offset) {
        switch (step) {
            case ACTIVATE -> own.activate(f, a, to, start, n);
            case GRADIENT -> own.gradient(f, a, b, to, start, n);
            case ADD -> own.add(a, b, to, start, n);
            case OUTPUT_GRADIENT -> {
                int i = (int) (set - c.first);
                own.outputGradient(f, a, b, to, start, n, c.pivot[i], c.gain[i], c.offset[i], scale, shift, offset);
            }
        }
    }
}
