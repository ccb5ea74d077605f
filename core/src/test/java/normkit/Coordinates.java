package normkit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import normkit.tensor.TensorSpec;

/** Where elements are, by their coordinates and nothing else: for oracles. */
public final class Coordinates {

    private Coordinates() {
    }

    /**
     * The coordinates of an element.
     *
     * @param spec the tensor
     * @param index position in memory order
     * @return one per axis
     */
    public static int[] of(TensorSpec spec, long index) {
        int[] coordinates = new int[spec.rank()];
        long rest = index;
        for (int axis = spec.rank() - 1; axis >= 0; axis--) {
            coordinates[axis] = (int) (rest % spec.axis(axis));
            rest /= spec.axis(axis);
        }
        return coordinates;
    }

    /**
     * The elements that have the same coordinates on some axes, in the order of these coordinates.
     *
     * @param spec the tensor
     * @param kept whether an axis is one of them
     * @return sets of elements
     */
    public static List<long[]> sets(TensorSpec spec, Function<Integer, Boolean> kept) {
        Map<String, long[]> sets = new LinkedHashMap<>();
        LongStream.range(0, spec.elements()).forEach(i -> {
            int[] at = of(spec, i);
            StringBuilder key = new StringBuilder();
            for (int axis = 0; axis < at.length; axis++) {
                key.append(kept.apply(axis) ? at[axis] + "," : "");
            }
            sets.merge(key.toString(), new long[] {i}, (a, b) -> {
                long[] joined = Arrays.copyOf(a, a.length + 1);
                joined[a.length] = b[0];
                return joined;
            });
        });
        return List.copyOf(sets.values());
    }
}
