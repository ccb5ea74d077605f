package normkit.parts;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Scratch memory of a plan: threads that run at once each take one, and it is kept for the next run, so that nothing is
 * allocated once there are as many as threads. Thread-safe.
 *
 * @param <T> what holds the memory
 */
public final class Pool<T> implements AutoCloseable {

    private final Supplier<T> maker;
    private final AtomicReferenceArray<T> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());
    private volatile boolean closed;

    /**
     * Makes a pool with one that is ready.
     *
     * @param maker makes another
     */
    public Pool(Supplier<T> maker) {
        this.maker = maker;
        giveBack(maker.get());
    }

    /**
     * Takes one that nobody else uses.
     *
     * @return one from before, or a new one
     * @throws IllegalStateException if the plan is closed
     */
    public T take() {
        if (closed) {
            throw new IllegalStateException("the plan is closed");
        }
        for (int i = 0; i < idle.length(); i++) {
            T one = idle.get(i);
            if (one != null && idle.compareAndSet(i, one, null)) {
                return one;
            }
        }
        return maker.get();
    }

    /**
     * Gives one back, after a run that did not fail.
     *
     * @param one what was taken
     */
    public void giveBack(T one) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, one)) {
                return;
            }
        }
    }

    /** Ends the life of the plan: nothing can be taken any more. */
    @Override
    public void close() {
        closed = true;
    }
}
