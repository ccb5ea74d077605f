package normkit.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import normkit.geometry.Lanes;
import normkit.spi.Parallelism;
import normkit.tensor.Tensor;

/**
 * The threads that share an execution. Every member has tasks of its own, the same in every pass over the same data,
 * because what it has read or written is in its own core's caches; having done them it takes those the others have not
 * begun. The calling thread takes part and waits at the end only for tasks that another thread has begun. So it needs
 * nobody else, and cannot wait in vain even if it is a thread of the executor itself.
 */
final class Team {

    /** The calling thread alone. */
    static final Team ALONE = new Team(Parallelism.NONE);

    /** The end is near when the caller has run out of tasks, and waking a parked thread takes long. */
    private static final int SPINS = 2000;

    /** Never started: a thread that owns nothing. */
    private static final Thread ANOTHER_THREAD = new Thread();

    private final Executor executor;
    private final int size;

    /** What is divided into tasks. */
    interface Work {

        /**
         * Does a task.
         *
         * @param task its number
         * @param member 0 … size − 1, of one thread at a time: whose scratch memory to use
         */
        void run(int task, int member);
    }

    Team(Parallelism parallelism) {
        executor = parallelism.executor();
        size = parallelism.degree();
    }

    /** Number of members, the calling thread included. */
    int size() {
        return size;
    }

    /**
     * Checks that all members can use a tensor: memory of an arena that is confined to the calling thread is of no use to the
     * others.
     */
    void requireAccess(String name, Tensor tensor) {
        if (size > 1 && tensor != null && tensor.segment() != null
                && !tensor.segment().isAccessibleBy(ANOTHER_THREAD)) {
            throw new IllegalStateException(name + " is " + tensor + ", which belongs to one thread; it must be of an "
                    + "arena that is not confined, because " + size + " threads share the execution");
        }
    }

    /**
     * Runs tasks 0 … {@code tasks} − 1 and returns when all are done. If one fails, those not begun yet are left out, and
     * the failure is thrown here once no thread is at work any more. Interruption does not end the wait, which would leave
     * others writing to the caller's tensors; it is kept for the caller to see.
     */
    void run(int tasks, Work work) {
        run(tasks, false, work);
    }

    /** As {@link #run(int, Work)}, but each member begins with the last of its tasks. */
    void runFromLast(int tasks, Work work) {
        run(tasks, true, work);
    }

    private void run(int tasks, boolean fromLast, Work work) {
        int members = Math.min(size, tasks);
        if (members <= 1) {
            for (int i = 0; i < tasks; i++) {
                work.run(fromLast ? tasks - 1 - i : i, 0);
            }
            return;
        }
        Job job = new Job(work, tasks, members, fromLast);
        for (int member = 1; member < members; member++) {
            int own = member;
            try {
                executor.execute(() -> job.help(own));
            } catch (RejectedExecutionException e) {
                // Then fewer threads share the work.
                break;
            } catch (RuntimeException | Error e) {
                // Not before those that have begun are at rest.
                job.failure.set(e);
            }
        }
        job.help(0);
        job.await();
    }

    /** One call of {@link #run}. Helpers that come late find its tasks taken, and touch nothing. */
    private static final class Job {

        private final Work work;
        private final int tasks;
        private final int members;
        private final boolean fromLast;
        private final Thread caller = Thread.currentThread();

        /** Per member, how many of its own tasks somebody has begun. */
        private final AtomicIntegerArray begun;

        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Job(Work work, int tasks, int members, boolean fromLast) {
            this.work = work;
            this.tasks = tasks;
            this.members = members;
            this.fromLast = fromLast;
            begun = new AtomicIntegerArray(members);
        }

        void help(int member) {
            for (int i = 0; i < members; i++) {
                doTasksOf((member + i) % members, member);
            }
        }

        /** Member m's own tasks are m, m + members, m + 2·members … */
        private void doTasksOf(int owner, int member) {
            int count = (int) Lanes.ceilDiv(tasks - owner, members);
            for (int i = begun.getAndIncrement(owner); i < count; i = begun.getAndIncrement(owner)) {
                run(owner + members * (fromLast ? count - 1 - i : i), member);
            }
        }

        private void run(int task, int member) {
            try {
                if (failure.get() == null) {
                    work.run(task, member);
                }
            } catch (Throwable t) {
                failure.compareAndSet(null, t);
            }
            if (ended.incrementAndGet() == tasks) {
                LockSupport.unpark(caller);
            }
        }

        void await() {
            boolean interrupted = false;
            for (int spin = 0; spin < SPINS && ended.get() < tasks; spin++) {
                Thread.onSpinWait();
            }
            while (ended.get() < tasks) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure.get()) {
                case null -> {
                }
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable t -> throw new AssertionError("work throws no checked exception", t);
            }
        }
    }
}
