package normkit.onednn;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** The arguments of one worker and the memory behind them. */
final class Slots implements AutoCloseable {

    // Shared: whichever thread ends a worker closes it.
    private final Arena arena = Arena.ofShared();
    private final List<Slot> all = new ArrayList<>();

    /** Adds an argument of a primitive. */
    Slot add(Primitive primitive, int argument) {
        Slot slot = new Slot(argument, primitive.argument(argument), arena);
        all.add(slot);
        return slot;
    }

    /** Adds an argument of a primitive if there is one, else returns null. */
    Slot addIf(boolean present, Primitive primitive, int argument) {
        return present ? add(primitive, argument) : null;
    }

    Arena arena() {
        return arena;
    }

    @Override
    public void close() {
        all.forEach(Slot::close);
        arena.close();
    }
}
