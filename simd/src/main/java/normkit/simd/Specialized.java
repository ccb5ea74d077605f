package normkit.simd;

import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/** The loops one thread has needed so far, by the combination of operands. */
final class Specialized {

    private final DataType type;
    private final Loops[] loops = new Loops[Traits.KEYS];

    Specialized(DataType type) {
        this.type = type;
    }

    /** The loops for these operands; those that are not there are null. */
    Loops of(Tensor x, Tensor dy, Tensor out, Tensor scale, Tensor shift) {
        int key = Traits.key(x, dy, out, scale, shift);
        if (loops[key] == null) {
            loops[key] = Specializer.loops(Traits.of(type, VectorBits.get(), x, dy, out, scale, shift));
        }
        return loops[key];
    }
}
