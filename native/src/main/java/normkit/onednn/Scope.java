package normkit.onednn;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;

/** What is owned outside the Java heap, freed together and in reverse order. */
final class Scope implements AutoCloseable {

    // Shared: whichever thread ends what is in it closes it.
    private final Arena arena = Arena.ofShared();
    private final Deque<Runnable> owned = new ArrayDeque<>();

    /** Memory that ends with the scope. */
    Arena arena() {
        return arena;
    }

    /** Takes something over by what frees it. */
    void own(Runnable free) {
        owned.push(free);
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().run();
        }
        arena.close();
    }
}
