package normkit.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Keeps what one run at a time can use, scratch memory above all, so that nothing is allocated once there are as many as
 * threads that run at once. What a failed run has used is not to be given back: half filled, it must not get into another.
 * Thread-safe.
 *
 * @param <T> what is kept
 */
public final class Pool<T> {

    private final Supplier<T> maker;
    private final AtomicReferenceArray<T> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());

    /**
     * Makes a pool with one item.
     *
     * @param maker makes an item
     */
    public Pool(Supplier<T> maker) {
        this.maker = maker;
        giveBack(maker.get());
    }

    /**
     * Takes an idle item, or makes one.
     *
     * @return an item that nobody else has
     */
    public T take() {
        for (int i = 0; i < idle.length(); i++) {
            T item = idle.get(i);
            if (item != null && idle.compareAndSet(i, item, null)) {
                return item;
            }
        }
        return maker.get();
    }

    /**
     * Keeps an item for the next run; one too many is dropped.
     *
     * @param item what was taken
     */
    public void giveBack(T item) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, item)) {
                return;
            }
        }
    }
}
