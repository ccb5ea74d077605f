package normkit.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.TensorSpec;

/** Small problems of every kind the backend supports. */
final class Problems {

    static final double EPSILON = 1e-5;

    private static final List<TensorSpec> CHANNELLED = List.of(TensorSpec.channelsFirst(3, 32, 5, 7),
            TensorSpec.channelsFirst(2, 6, 11), TensorSpec.channelsFirst(8, 32), TensorSpec.channelsFirst(9, 6),
            TensorSpec.channelsFirst(2, 4, 3, 2, 2, 3), TensorSpec.channelsFirst(1, 2, 1, 1),
            TensorSpec.channelsLast(3, 5, 7, 32), TensorSpec.channelsLast(3, 5, 7, 6), TensorSpec.channelsLast(9, 16),
            TensorSpec.channelsLast(2, 3, 2, 2, 3, 4), TensorSpec.channelsLast(1, 65, 24));

    private static final List<TensorSpec> ROWS = List.of(TensorSpec.rows(5, 33), TensorSpec.rows(16, 768),
            TensorSpec.rows(7), TensorSpec.rows(3, 1), TensorSpec.rows(2, 3, 2, 2, 2, 5, 2));

    private Problems() {
    }

    /** Every problem of a direction, with and without γ and β. */
    static List<Problem> all(boolean backward) {
        List<Problem> problems = new ArrayList<>();
        for (boolean scale : new boolean[] {true, false}) {
            for (boolean shift : new boolean[] {true, false}) {
                add(backward, scale, shift, problems::add);
            }
        }
        return problems;
    }

    private static void add(boolean backward, boolean scale, boolean shift, Consumer<Problem> to) {
        Pass pass = backward ? Pass.BACKWARD : Pass.FORWARD;
        Pass given = backward ? Pass.FROZEN_BACKWARD : Pass.INFERENCE;
        for (TensorSpec x : ROWS) {
            for (int rank = 1; rank <= x.rank(); rank += 2) {
                to.accept(new Problem(Operation.LAYER_NORM, pass, x, rank, 0, scale, shift, EPSILON));
                if (!backward) {
                    to.accept(new Problem(Operation.RMS_NORM, pass, x, rank, 0, scale, shift, EPSILON));
                }
            }
        }
        for (TensorSpec x : CHANNELLED) {
            to.accept(new Problem(Operation.BATCH_NORM, pass, x, 0, 0, scale, shift, EPSILON));
            to.accept(new Problem(Operation.BATCH_NORM, given, x, 0, 0, scale, shift, EPSILON));
            to.accept(new Problem(Operation.GROUP_NORM, pass, x, 0, 2, scale, shift, EPSILON));
            to.accept(new Problem(Operation.GROUP_NORM, pass, x, 0, 1, scale, shift, EPSILON));
            to.accept(new Problem(Operation.INSTANCE_NORM, pass, x, 0, 0, scale, shift, EPSILON));
        }
    }
}
