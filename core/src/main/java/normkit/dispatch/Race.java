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
 * medians, which a few disturbed samples do not move, and only as long as it is open who is the fastest.
 *
 * @param clock nanoseconds
 * @param limits how long to go on
 */
record Race(LongSupplier clock, Limits limits) {

    /** Beyond this many times the best time nobody wins any more. */
    private static final double HOPELESS = 10;
    private static final int LEAST_WARM_RUNS = 3;
    private static final double MIDDLE = 0.5;
    private static final double LOWER = 0.25;
    private static final double UPPER = 0.75;

    /**
     * How long a race goes on.
     *
     * @param warmup for each contender, in which the VM compiles it
     * @param sample least time of a sample; short runs are repeated to fill it
     * @param leastRounds rounds before anything is decided
     * @param mostRounds rounds after which it ends
     * @param budget time after which it ends, warmup included; at least one round is run
     * @param toTheEnd whether losers stay in the race, for their times
     */
    record Limits(Duration warmup, Duration sample, int leastRounds, int mostRounds, Duration budget,
            boolean toTheEnd) {

        /** Limits for about that much time per problem. */
        static Limits of(Duration budget, boolean toTheEnd) {
            return new Limits(budget.dividedBy(8), Duration.ofNanos(200_000), 5, 41, budget, toTheEnd);
        }
    }

    /**
     * Somebody in the race.
     *
     * @param name its name
     * @param run what is timed
     */
    record Contender(String name, Runnable run) {}

    /** A contender's samples, in nanoseconds per run. */
    private static final class Lane {

        private final Contender contender;
        private final List<Double> samples = new ArrayList<>();
        private double fastest = Double.POSITIVE_INFINITY;
        private int repeats;

        Lane(Contender contender) {
            this.contender = contender;
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

    /** Runs and returns the time of each contender that was timed, the fastest first. */
    Verdict run(List<Contender> contenders) {
        long start = clock.getAsLong();
        List<Lane> lanes = contenders.stream().map(Lane::new).toList();
        lanes.forEach(this::warmUp);
        List<Lane> racing = new ArrayList<>(lanes);
        dropHopeless(racing);
        for (int round = 1; round <= limits.mostRounds; round++) {
            for (Lane lane : racing) {
                sample(lane);
            }
            if (clock.getAsLong() - start >= limits.budget.toNanos()) {
                break;
            }
            if (round >= limits.leastRounds && !limits.toTheEnd) {
                dropBeaten(racing);
                if (racing.size() == 1) {
                    break;
                }
            }
        }
        Map<String, Double> times = new HashMap<>();
        lanes.forEach(lane -> times.put(lane.contender.name(), Math.max(1, lane.median())));
        return new Verdict(times);
    }

    /** Single runs, long enough for the VM to compile; a contender of long runs gets a few of them. */
    private void warmUp(Lane lane) {
        long start = clock.getAsLong();
        long now = start;
        for (int runs = 0; now - start < limits.warmup.toNanos() || runs < LEAST_WARM_RUNS; runs++) {
            lane.contender.run().run();
            long end = clock.getAsLong();
            lane.fastest = Math.min(lane.fastest, end - now);
            now = end;
            if (now - start > 2 * limits.warmup.toNanos()) {
                break;
            }
        }
        lane.repeats = (int) Math.clamp(limits.sample.toNanos() / Math.max(1, lane.fastest), 1, Integer.MAX_VALUE);
    }

    private void sample(Lane lane) {
        Runnable run = lane.contender.run();
        long start = clock.getAsLong();
        for (int i = 0; i < lane.repeats; i++) {
            run.run();
        }
        lane.samples.add((clock.getAsLong() - start) / (double) lane.repeats);
    }

    private static void dropHopeless(List<Lane> racing) {
        double best = racing.stream().mapToDouble(lane -> lane.fastest).min().orElseThrow();
        racing.removeIf(lane -> lane.fastest > HOPELESS * best);
    }

    /** Beaten is whose faster samples are slower than the leader's slower ones. */
    private static void dropBeaten(List<Lane> racing) {
        Lane leader = racing.stream().min(Comparator.comparingDouble(Lane::median)).orElseThrow();
        double bar = leader.quantile(UPPER);
        racing.removeIf(lane -> lane != leader && lane.quantile(LOWER) > bar);
    }
}
