package normkit.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Times contenders against each other: in interleaved rounds, so that whatever slows the machine down hits all alike, by
 * medians, which a few disturbed samples do not move, and only as long as it is open who is the fastest. Turns begin with a run
 * that is not timed: where one streams its result past the caches, the next, which does not, would find its memory in none. An
 * upset, where somebody else was expected to win, is raced once more, and that counts: something may have slowed down one of
 * them alone, such as the VM compiling its code anew, or they are so close that luck decides.
 *
 * @param clock nanoseconds
 * @param limits how long to go on
 */
record Race(LongSupplier clock, Limits limits) {

    /** Beyond this many times the best time nobody wins any more. */
    private static final double HOPELESS = 10;
    /** Windows of warmup without a gain after which a contender counts as warm; the VM compiles meanwhile. */
    private static final int STEADY_WINDOWS = 8;
    private static final double GAIN = 0.95;
    private static final double LONG_WINDOWS = 4;
    private static final double IMPLAUSIBLE = 2;
    /** How many times longer the warmup of somebody implausible may be. */
    private static final int PATIENCE = 2;
    /**
     * Samples in a row this much below the median tell that the VM has compiled something better; those of one turn are luck,
     * or a quiet moment.
     */
    private static final double LEAP = 0.85;
    private static final int LEAPS = 4;
    /** Samples per turn: to settle takes time that is not used. */
    private static final int SAMPLES = 3;
    private static final double LOWER = 0.25;
    private static final double MIDDLE = 0.5;
    private static final double UPPER = 0.75;

    /**
     * How long a race goes on.
     *
     * @param window of a contender's warmup, which has at least eight
     * @param mostWindows windows after which a contender has to be warm
     * @param sample least time of a sample; short runs are repeated to fill it
     * @param leastSamples samples of each before anything is decided
     * @param least time before anything is decided: the VM may still be compiling, and neighbours come and go
     * @param mostRounds rounds after which it ends
     * @param budget time of all rounds after which it ends; at least one is run; as much again after an upset
     * @param toTheEnd whether losers stay in the race, for their times
     */
    record Limits(Duration window, int mostWindows, Duration sample, int leastSamples, Duration least, int mostRounds,
            Duration budget, boolean toTheEnd) {

        /** Usual limits with that much time for the rounds. */
        static Limits of(Duration budget, boolean toTheEnd) {
            return new Limits(Duration.ofMillis(50), 24, Duration.ofMillis(2), 7, budget.dividedBy(4), 101, budget,
                    toTheEnd);
        }
    }

    /**
     * Somebody in the race.
     *
     * @param name its name
     * @param run what is timed
     * @param expected about how many nanoseconds it should take once compiled; NaN if nobody knows
     */
    record Contender(String name, Runnable run, double expected) {}

    /** A contender's samples, in nanoseconds per run. */
    private static final class Lane {

        private final Contender contender;
        private final List<Double> samples = new ArrayList<>();
        private double fastest = Double.POSITIVE_INFINITY;
        private int windows;
        private int steady;
        private int repeats;
        private int leaps;

        Lane(Contender contender) {
            this.contender = contender;
        }

        /** Adds a sample; those before a leap count no more. */
        void add(double time) {
            leaps = time < LEAP * median() ? leaps + 1 : 0;
            samples.add(time);
            if (leaps == LEAPS) {
                samples.subList(0, samples.size() - LEAPS).clear();
                leaps = 0;
            }
        }

        /** Whether it has few samples, or is perhaps about to leap. */
        boolean undecided(int leastSamples) {
            return samples.size() < leastSamples || leaps > 0;
        }

        double inExpected() {
            return fastest / contender.expected();
        }

        double quantile(double q) {
            if (samples.isEmpty()) {
                return fastest;
            }
            double[] sorted = samples.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
            return sorted[(int) (q * (sorted.length - 1))];
        }

        double median() {
            return quantile(MIDDLE);
        }
    }

    /**
     * Runs and returns the time of each contender, the fastest first.
     *
     * @param settling how long a contender runs at the beginning of its turn before it is timed, one run at least: for what
     *        the one before has left running
     */
    Verdict run(List<Contender> contenders, Duration settling) {
        List<Lane> lanes = timed(contenders, settling);
        if (upset(lanes)) {
            lanes = timed(contenders, settling);
        }
        Map<String, Double> times = new HashMap<>();
        lanes.forEach(lane -> times.put(lane.contender.name(), Math.max(1, Math.rint(10 * lane.median()) / 10)));
        return new Verdict(times);
    }

    private static boolean upset(List<Lane> lanes) {
        Lane winner = leader(lanes);
        return lanes.stream().anyMatch(lane -> lane.contender.expected() < winner.contender.expected());
    }

    private List<Lane> timed(List<Contender> contenders, Duration settling) {
        List<Lane> lanes = contenders.stream().map(Lane::new).toList();
        warmUp(lanes);
        List<Lane> racing = new ArrayList<>(lanes);
        dropHopeless(racing);
        long start = clock.getAsLong();
        long elapsed = 0;
        for (int round = 0; round < limits.mostRounds && open(racing, elapsed); round++) {
            racing.forEach(lane -> turn(lane, settling));
            elapsed = clock.getAsLong() - start;
            if (elapsed >= limits.budget.toNanos()) {
                break;
            }
        }
        return lanes;
    }

    /** In turns, so that the VM has time to compile one while others run, until none gains any more. */
    private void warmUp(List<Lane> lanes) {
        List<Lane> cold = lanes;
        while (!cold.isEmpty()) {
            cold.forEach(this::warmUp);
            double best = fastest(lanes);
            cold = lanes.stream().filter(lane -> cold(lane, pace(lanes, lane)) && !tooLong(lane, best)).toList();
        }
        for (Lane lane : lanes) {
            lane.repeats = (int) Math.clamp(limits.sample.toNanos() / Math.max(1, lane.fastest), 1, Integer.MAX_VALUE);
        }
    }

    /** How many times as long as expected the others take at least: so much slower the machine seems to be than was thought. */
    private static double pace(List<Lane> lanes, Lane lane) {
        double others = lanes.stream().filter(other -> other != lane).mapToDouble(Lane::inExpected)
                .filter(times -> !Double.isNaN(times)).min().orElse(1);
        return Math.max(1, others);
    }

    /** So much slower than the others in what was expected: not compiled yet, or else the expectation is wrong. */
    private boolean cold(Lane lane, double pace) {
        return lane.inExpected() > IMPLAUSIBLE * pace
                ? lane.windows < PATIENCE * limits.mostWindows
                : lane.steady < STEADY_WINDOWS && lane.windows < limits.mostWindows;
    }

    /** Hopeless, and so long a run that the VM has compiled whatever it compiles. */
    private boolean tooLong(Lane lane, double best) {
        return lane.windows > 1 && lane.fastest > HOPELESS * best
                && lane.fastest > LONG_WINDOWS * limits.window.toNanos();
    }

    private static double fastest(List<Lane> lanes) {
        return lanes.stream().mapToDouble(lane -> lane.fastest).min().orElseThrow();
    }

    private void warmUp(Lane lane) {
        double before = lane.fastest;
        long start = clock.getAsLong();
        long now = start;
        do {
            lane.contender.run().run();
            long end = clock.getAsLong();
            lane.fastest = Math.min(lane.fastest, end - now);
            now = end;
        } while (now - start < limits.window.toNanos());
        lane.windows++;
        lane.steady = lane.fastest < GAIN * before ? 0 : lane.steady + 1;
    }

    private void turn(Lane lane, Duration settling) {
        long start = clock.getAsLong();
        do {
            lane.contender.run().run();
        } while (clock.getAsLong() - start < settling.toNanos());
        for (int i = 0; i < SAMPLES; i++) {
            sample(lane);
        }
    }

    private void sample(Lane lane) {
        Runnable run = lane.contender.run();
        long start = clock.getAsLong();
        for (int i = 0; i < lane.repeats; i++) {
            run.run();
        }
        lane.add((clock.getAsLong() - start) / (double) lane.repeats);
    }

    /** Tells whether it is still open who is the fastest, and drops who is not. */
    private boolean open(List<Lane> racing, long elapsed) {
        if (limits.toTheEnd || elapsed < limits.least.toNanos()
                || racing.stream().anyMatch(lane -> lane.undecided(limits.leastSamples))) {
            return true;
        }
        dropBeaten(racing);
        return racing.size() > 1;
    }

    private static void dropHopeless(List<Lane> racing) {
        double best = fastest(racing);
        racing.removeIf(lane -> lane.fastest > HOPELESS * best);
    }

    /** Beaten is whose faster samples are slower than the leader's slower ones. */
    private static void dropBeaten(List<Lane> racing) {
        Lane leader = leader(racing);
        double bar = leader.quantile(UPPER);
        racing.removeIf(lane -> lane != leader && lane.quantile(LOWER) > bar);
    }

    private static Lane leader(List<Lane> lanes) {
        return lanes.stream().min(Comparator.comparingDouble(Lane::median)).orElseThrow();
    }
}
