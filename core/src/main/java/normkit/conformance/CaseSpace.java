package normkit.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;

/**
 * Chooses cases: for every operation and pass, so many that each value of a dimension meets each value of every other
 * dimension at least once (pairwise testing). The choice is the same every time.
 */
final class CaseSpace {

    /** Candidates among which the one that covers most new pairs is taken. */
    private static final int CANDIDATES = 24;

    private static final double[] EPSILONS = {1e-5, 0, 0.5};

    /** Rows × length, the length perhaps over several axes. */
    private static final long[][] ROWS = {{4, 1}, {3, 15}, {3, 16}, {5, 17}, {17, 63}, {2, 64}, {5, 65}, {3, 127},
        {9, 128}, {2, 129}, {1, 255}, {35, 7}, {4, 768}, {2, 1023}, {3, 1024}, {2, 1025}, {33, 101}, {1, 4099},
        {2, 8191}, {1, 17409}, {300, 8}, {0, 5}, {4, 0}, {3, 5, 7}, {2, 3, 4, 11}, {2, 2, 3, 4, 5}};
    private static final int QUICK_ROWS = 9;

    /** Batch, channels, spatial axes. */
    private static final long[][] CHANNELS = {{2, 3, 5}, {1, 1, 1}, {3, 17}, {5, 4, 49}, {2, 6, 4, 4}, {33, 3, 2},
        {2, 8, 127}, {1, 16, 3, 5, 3}, {4, 64, 1, 1}, {2, 12, 7, 7}, {3, 15, 16}, {2, 1, 300}, {17, 17, 17},
        {2, 128, 9}, {1, 4, 1025}, {3, 2, 1024}, {2, 3, 40, 41}, {65, 2, 1}, {256, 30}, {2, 1030}, {0, 3, 4}, {2, 0, 4},
        {2, 3, 0}, {1, 2, 8200}, {70, 5, 15}};
    private static final int QUICK_CHANNELS = 8;

    /** Fewer and smaller shapes for fusions: most of what depends on the shape is the kernels' and tried without them. */
    private static final long[][] FUSED_ROWS =
            {{4, 1}, {5, 17}, {35, 7}, {3, 127}, {4, 768}, {2, 1025}, {40, 8}, {0, 5}, {2, 3, 4, 11}};
    private static final long[][] FUSED_CHANNELS =
            {{2, 3, 5}, {5, 4, 49}, {2, 6, 4, 4}, {33, 3, 2}, {1, 4, 1025}, {65, 30}, {2, 0, 4}, {3, 15, 16}};

    /** The last two are for rows only. */
    private static final List<Fusion> FUSIONS = Stream
            .of("norm,relu", "norm,leaky_relu(0.01)", "norm,gelu", "norm,gelu_tanh", "norm,silu", "norm,sigmoid",
                    "norm,tanh", "relu,norm", "tanh,norm", "silu,norm,gelu", "add,norm", "add,norm,gelu_tanh")
            .map(Fusion::of).toList();
    private static final int FOR_ROWS_ONLY = 2;

    private final boolean quick;
    private final Random random = new Random(20250901);

    CaseSpace(boolean quick) {
        this.quick = quick;
    }

    List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        addPasses(cases, false);
        addPasses(cases, true);
        return cases;
    }

    private void addPasses(List<Case> cases, boolean fused) {
        for (Operation operation : Operation.values()) {
            for (Pass pass : Pass.values()) {
                if (operation == Operation.BATCH_NORM || pass == Pass.FORWARD || pass == Pass.BACKWARD) {
                    addPairwise(cases, operation, pass, fused);
                }
            }
        }
    }

    private void addPairwise(List<Case> cases, Operation operation, Pass pass, boolean fused) {
        int[] sizes = sizes(operation, pass, fused);
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
            cases.add(make(operation, pass, fused, best, cases.size()));
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

    /** How many values each dimension has: shape, values, type, layout, affine pattern, ε, inputs and outputs in memory, place, statistics, fusion. */
    private int[] sizes(Operation operation, Pass pass, boolean fused) {
        boolean rows = rowwise(operation);
        int some = rows ? quick ? QUICK_ROWS : ROWS.length : quick ? QUICK_CHANNELS : CHANNELS.length;
        int shapes = !fused ? some : rows ? FUSED_ROWS.length : FUSED_CHANNELS.length;
        int memory = Memory.values().length;
        int places = pass.backward() ? 3 : 2;
        int saved = pass == Pass.FORWARD ? 4 : 3;
        int[] sizes = {shapes, Values.values().length, DataType.values().length, rows ? 1 : 2, 4, EPSILONS.length,
            memory * memory, places, saved};
        if (!fused) {
            return sizes;
        }
        int[] more = Arrays.copyOf(sizes, sizes.length + 1);
        more[sizes.length] = FUSIONS.size() - (rows ? 0 : FOR_ROWS_ONLY);
        return more;
    }

    private static boolean rowwise(Operation operation) {
        return operation == Operation.LAYER_NORM || operation == Operation.RMS_NORM;
    }

    private Case make(Operation operation, Pass pass, boolean fused, int[] choice, long seed) {
        boolean rows = rowwise(operation);
        long[][] shapes = fused ? rows ? FUSED_ROWS : FUSED_CHANNELS : rows ? ROWS : CHANNELS;
        long[] shape = shapes[choice[0]].clone();
        Layout layout = rows ? Layout.ROWS : choice[3] == 0 ? Layout.CHANNELS_FIRST : Layout.CHANNELS_LAST;
        long groups = operation == Operation.GROUP_NORM ? groups(shape[1]) : 0;
        if (layout == Layout.CHANNELS_LAST) {
            long channels = shape[1];
            System.arraycopy(shape, 2, shape, 1, shape.length - 2);
            shape[shape.length - 1] = channels;
        }
        int over = rows ? 1 + random.nextInt(shape.length - 1) : 0;
        int affine = choice[4];
        int memory = Memory.values().length;
        int saved = choice[8] + (pass == Pass.FORWARD ? 0 : 1);
        DataType type = DataType.values()[choice[2]];
        Values values = Values.values()[choice[1]];
        // Without ε the rstd of subnormal numbers is beyond the range of the type it would be given in.
        boolean noRstd =
                values == Values.SUBNORMAL && (type == DataType.F64 || Saved.values()[saved] == Saved.SAME_TYPE);
        Fusion fusion = fused ? FUSIONS.get(choice[9]) : Fusion.NONE;
        // And an activated one has lost digits that would then count.
        boolean lost = values == Values.SUBNORMAL && fusion.before() != null;
        double epsilon = EPSILONS[noRstd || lost ? 0 : choice[5]];
        return new Case(operation, pass, type, layout, Arrays.stream(shape).boxed().toList(), over, groups,
                (affine & 1) != 0, (affine & 2) != 0, epsilon, values, Memory.values()[choice[6] / memory],
                Memory.values()[choice[6] % memory], Place.values()[choice[7]], Saved.values()[saved], seed, fusion);
    }

    /** One group, as many as channels, or any divisor between. */
    private long groups(long channels) {
        List<Long> divisors = new ArrayList<>();
        for (long g = 1; g <= channels; g++) {
            if (channels % g == 0) {
                divisors.add(g);
            }
        }
        return divisors.isEmpty() ? 1 : divisors.get(random.nextInt(divisors.size()));
    }
}
