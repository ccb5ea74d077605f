package normkit.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import normkit.spi.Problem;

/**
 * What an execution owns outside the Java heap: its primitives, and workers that wait for a thread. It knows nothing of
 * the execution, so that it can be freed when that is gone.
 */
final class Resources {

    private final Problem problem;
    private final List<Primitive> primitives = new ArrayList<>();
    private final AtomicReferenceArray<Worker> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());

    Resources(Problem problem, int threads) {
        this.problem = problem;
        try {
            primitives.add(new Primitive(Description.of(problem, threads)
                    .orElseThrow(() -> new IllegalArgumentException("oneDNN has no implementation of " + problem))));
            if (problem.pass().backward()) {
                Description.backwardToData(problem, threads).map(Primitive::new).ifPresent(primitives::add);
            }
            giveBack(newWorker());
        } catch (RuntimeException | Error e) {
            free();
            throw e;
        }
    }

    Problem problem() {
        return problem;
    }

    private Worker newWorker() {
        Scope scope = new Scope();
        try {
            return problem.pass().backward()
                    ? new BackwardWorker(problem, primitives.getFirst(), primitives.getLast(), scope)
                    : new ForwardWorker(problem, primitives.getFirst(), scope);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /** Takes an idle worker, or makes one. */
    Worker take() {
        for (int i = 0; i < idle.length(); i++) {
            Worker worker = idle.get(i);
            if (worker != null && idle.compareAndSet(i, worker, null)) {
                return worker;
            }
        }
        return newWorker();
    }

    /** Keeps a worker for the next run; one too many is freed. */
    void giveBack(Worker worker) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, worker)) {
                return;
            }
        }
        worker.close();
    }

    /** Frees everything; called once, with no worker in use. */
    void free() {
        for (int i = 0; i < idle.length(); i++) {
            Worker worker = idle.getAndSet(i, null);
            if (worker != null) {
                worker.close();
            }
        }
        primitives.forEach(Primitive::close);
    }
}
