package normkit.parts;

import java.util.function.Supplier;
import normkit.engine.Pool;

/**
 * Scratch memory of a plan without backends, and the plan's life: after {@link #close} nothing can be taken any more.
 * Thread-safe.
 *
 * @param <T> what one run at a time needs
 */
public final class Scratch<T> implements AutoCloseable {

    private volatile Pool<T> pool;

    /**
     * Makes the memory of the first run.
     *
     * @param maker makes that of a run
     */
    public Scratch(Supplier<T> maker) {
        pool = new Pool<>(maker);
    }

    /**
     * Takes the memory for a run.
     *
     * @return memory that no other run has
     * @throws IllegalStateException if the plan is closed
     */
    public T take() {
        Pool<T> open = pool;
        if (open == null) {
            throw new IllegalStateException("the plan is closed");
        }
        return open.take();
    }

    /**
     * Gives the memory of a run back that did not fail.
     *
     * @param memory what was taken
     */
    public void giveBack(T memory) {
        Pool<T> open = pool;
        if (open != null) {
            open.giveBack(memory);
        }
    }

    /** Drops the memory. */
    @Override
    public void close() {
        pool = null;
    }
}
