package normkit.bench.peers;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import normkit.spi.Execution;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** Gives each thread that runs at the same time an execution of its own, and keeps these. */
final class PooledExecution implements Execution {

    private final Supplier<Execution> workers;
    private final Deque<Execution> idle = new ArrayDeque<>();

    /**
     * Makes one.
     *
     * @param workers makes executions for one thread at a time; asked for one at once, so that what fails does here
     */
    PooledExecution(Supplier<Execution> workers) {
        this.workers = workers;
        idle.push(workers.get());
    }

    @Override
    public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
        Execution worker = take();
        try {
            worker.forward(x, scale, shift, statistics, y);
        } finally {
            giveBack(worker);
        }
    }

    @Override
    public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        Execution worker = take();
        try {
            worker.backward(dy, x, scale, statistics, dx, dscale, dshift);
        } finally {
            giveBack(worker);
        }
    }

    private Execution take() {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        return workers.get();
    }

    private void giveBack(Execution worker) {
        synchronized (idle) {
            idle.push(worker);
        }
    }

    @Override
    public void close() {
        idle.forEach(Execution::close);
    }
}
