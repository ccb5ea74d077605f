package normkit.engine;

import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One number per set, in double. Not thread-safe. */
public final class PerSet {

    /** The numbers, by index of the set. */
    public final double[] values;
    final Tensor tensor;

    PerSet(int sets) {
        values = new double[sets];
        tensor = Tensor.of(TensorSpec.rows(sets).as(DataType.F64), values);
    }
}
