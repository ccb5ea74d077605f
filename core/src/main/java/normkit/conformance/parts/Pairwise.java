package normkit.conformance.parts;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Chooses combinations of the values of several dimensions, so many that each value of a dimension meets each value of every
 * other dimension at least once.
 */
public final class Pairwise {

    /** Candidates among which the one that covers most new pairs is taken. */
    private static final int CANDIDATES = 24;

    private Pairwise() {
    }

    /**
     * Chooses.
     *
     * @param sizes how many values each dimension has
     * @param random where candidates come from
     * @param chosen is given the number of a value for each dimension
     */
    public static void choose(int[] sizes, Random random, Consumer<int[]> chosen) {
        int widest = Arrays.stream(sizes).max().getAsInt();
        BitSet covered = new BitSet();
        int missing = 0;
        for (int a = 0; a < sizes.length; a++) {
            for (int b = a + 1; b < sizes.length; b++) {
                missing += sizes[a] * sizes[b];
            }
        }
        while (missing > 0) {
            int[] best = null;
            int most = 0;
            for (int i = 0; i < CANDIDATES || best == null; i++) {
                int[] candidate = Arrays.stream(sizes).map(random::nextInt).toArray();
                int fresh = pairs(candidate, widest, covered, false);
                if (fresh > most) {
                    most = fresh;
                    best = candidate;
                }
            }
            missing -= pairs(best, widest, covered, true);
            chosen.accept(best);
        }
    }

    private static int pairs(int[] choice, int widest, BitSet covered, boolean mark) {
        int fresh = 0;
        for (int a = 0; a < choice.length; a++) {
            for (int b = a + 1; b < choice.length; b++) {
                int pair = ((a * choice.length + b) * widest + choice[a]) * widest + choice[b];
                if (!covered.get(pair)) {
                    fresh++;
                    covered.set(pair, mark);
                }
            }
        }
        return fresh;
    }
}
