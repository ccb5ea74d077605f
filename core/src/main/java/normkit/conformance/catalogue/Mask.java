package normkit.conformance.catalogue;

import java.util.Arrays;
import normkit.techniques.Positions;
import normkit.tensor.TensorSpec;

/** Which places of a batch of sequences are valid, drawn for a case; some samples may have none. */
final class Mask {

    private final boolean[][] valid;
    private final boolean lengths;

    Mask(Desk desk, boolean lengths) {
        this.lengths = lengths;
        TensorSpec x = desk.x();
        valid = new boolean[(int) x.batch()][(int) x.spatial()];
        for (boolean[] sample : valid) {
            if (lengths) {
                Arrays.fill(sample, 0, desk.pick(sample.length + 1), true);
            } else {
                for (int i = 0; i < sample.length; i++) {
                    sample[i] = desk.pick(3) > 0;
                }
            }
        }
    }

    Positions positions() {
        if (!lengths) {
            return Positions.mask(valid);
        }
        int[] counts = new int[valid.length];
        for (int n = 0; n < counts.length; n++) {
            for (boolean v : valid[n]) {
                counts[n] += v ? 1 : 0;
            }
        }
        return Positions.lengths(valid[0].length, counts);
    }

    boolean at(Grid grid, int element) {
        return valid[grid.sample(element)][grid.place(element)];
    }
}
