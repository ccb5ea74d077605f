package normkit.onednn;

import java.util.concurrent.atomic.AtomicReferenceArray;
import normkit.spi.Problem;

/**
 * What an execution owns outside the Java heap: its primitives, and workers that wait for a thread. It knows nothing of the
 * execution, so that it can be freed when that is gone.
 */
final class Resources {

    private final Problem problem;
    private final Primitive primitive;
    private final Primitive dataPrimitive;
    private final AtomicReferenceArray<Worker> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());

    Resources(Problem problem) {
        this.problem = problem;
        primitive = new Primitive(Description.of(problem).orElseThrow(
                () -> new IllegalArgumentException("oneDNN has no implementation of " + problem)));
        dataPrimitive = problem.pass().backward()
                ? Description.backwardToData(problem).map(Primitive::new).orElse(null)
                : null;
        giveBack(newWorker());
    }

    Problem problem() {
        return problem;
    }

    private Worker newWorker() {
        return problem.pass().backward()
                ? new BackwardWorker(problem, primitive, dataPrimitive)
                : new ForwardWorker(problem, primitive);
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
        if (dataPrimitive != null) {
            dataPrimitive.close();
        }
        primitive.close();
    }
}
