package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** oneDNN takes no more threads than the plan has, and the caller's own OpenMP setting survives. */
class OneThreadTest {

    @Test
    void whateverTheEnvironmentSays() {
        // Interpreted and with the serial collector, the JVM itself starts no threads on the way.
        String output =
                new ChildJvm(Count.class).with("-Xint", "-XX:+UseSerialGC").environment("OMP_NUM_THREADS", "3").run();
        assertEquals("setting 3\nnew threads 0\nnew threads of a parallel plan 1\nsetting 3\n"
                + "new threads without the backend 1\n", output);
    }

    /** Prints how many threads the process gains by runs of the backend, and by a run past it. */
    static final class Count {

        private static final int ROWS = 512;
        private static final int COLUMNS = 512;

        private Count() {
        }

        public static void main(String[] arguments) {
            OneDnnBackend backend = new OneDnnBackend();
            backend.probe();
            printSetting();
            TensorSpec spec = TensorSpec.rows(ROWS, COLUMNS);
            Problem problem = new Problem(Operation.LAYER_NORM, Pass.FORWARD, spec, 1, 0, false, false, 1e-5);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Tensor.allocate(problem.x(), arena);
                Tensor y = Tensor.allocate(problem.x(), arena);
                // The first execution starts the cleaner's thread.
                backend.prepare(problem).close();
                int before = threads();
                try (Execution execution = backend.prepare(problem)) {
                    execution.forward(x, null, null, Statistics.NONE, y);
                }
                System.out.println("new threads " + (threads() - before));
                try (Execution execution = backend.prepare(problem, new Parallelism(Runnable::run, 2))) {
                    execution.forward(x, null, null, Statistics.NONE, y);
                }
                System.out.println("new threads of a parallel plan " + (threads() - before));
            }
            printSetting();
            int before = threads();
            float[] data = new float[ROWS * COLUMNS];
            DirectRmsBackward.dx(ROWS, COLUMNS, data, data, new float[ROWS], 1e-5f);
            System.out.println("new threads without the backend " + (threads() - before));
        }

        private static void printSetting() {
            OpenMp openMp = Library.get().openMp();
            int setting = openMp.use(1);
            openMp.restore(setting, 1);
            System.out.println("setting " + setting);
        }

        private static int threads() {
            return Path.of("/proc/self/task").toFile().list().length;
        }
    }
}
