package normkit.simd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;

/**
 * The loops of one kind that one thread has needed so far, by the combination of operands.
 *
 * @param <L> the kind
 */
final class Specialized<L> {

    private final Class<? extends L> template;
    private final DataType type;
    private final List<L> loops = new ArrayList<>(Collections.nCopies(Traits.KEYS, null));

    /** Takes the template of the loops, a direct subclass of L. */
    Specialized(Class<? extends L> template, DataType type) {
        this.template = template;
        this.type = type;
    }

    /** The loops for these operands; those that are not there are null. */
    L of(Tensor x, Tensor dy, Tensor out, Tensor scale, Tensor shift) {
        int key = Traits.key(x, dy, out, scale, shift);
        L made = loops.get(key);
        if (made == null) {
            made = Specializer.loops(template, Traits.of(type, VectorBits.get(), x, dy, out, scale, shift));
            loops.set(key, made);
        }
        return made;
    }
}
