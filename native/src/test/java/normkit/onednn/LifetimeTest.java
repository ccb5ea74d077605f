package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/**
 * Native memory ends when it should: at closing, after the last run, or with a warning when nobody can close any
 * more.
 */
class LifetimeTest {

    private static final Problem FORWARD = problem(Pass.FORWARD);
    private static final Problem BACKWARD = problem(Pass.BACKWARD);

    private static Problem problem(Pass pass) {
        return new Problem(Operation.LAYER_NORM, pass, TensorSpec.rows(3, 5), 1, 0, false, false, 1e-5);
    }

    private final OneDnnBackend backend = new OneDnnBackend();
    private final Tensor x = Tensor.allocate(FORWARD.x());

    @Test
    void useAfterClosingThrows() {
        Execution execution = backend.prepare(FORWARD);
        execution.forward(x, null, null, Statistics.NONE, x);
        execution.close();
        execution.close();
        Exception e =
                assertThrows(IllegalStateException.class, () -> execution.forward(x, null, null, Statistics.NONE, x));
        assertEquals("the execution is closed", e.getMessage());
        Execution backward = backend.prepare(BACKWARD);
        backward.close();
        assertThrows(IllegalStateException.class, () -> backward.backward(x, x, null, Statistics.NONE, x, null, null));
    }

    @Test
    void theWrongDirectionThrows() {
        try (Execution forward = backend.prepare(FORWARD); Execution backward = backend.prepare(BACKWARD)) {
            assertThrows(IllegalStateException.class,
                    () -> forward.backward(x, x, null, Statistics.NONE, x, null, null));
            assertThrows(IllegalStateException.class, () -> backward.forward(x, null, null, Statistics.NONE, x));
        }
    }

    @Test
    void closingWaitsForTheLastRun() {
        Lifetime lifetime = new Lifetime();
        lifetime.enter();
        lifetime.enter();
        assertFalse(lifetime.close(), "two runs are under way");
        assertThrows(IllegalStateException.class, lifetime::enter);
        assertFalse(lifetime.exit(), "one run is under way");
        assertFalse(lifetime.close(), "closed before");
        assertTrue(lifetime.exit(), "the last run frees");
        assertThrows(IllegalStateException.class, lifetime::enter);
    }

    @Test
    void closingFreesAtOnceWhenNothingRuns() {
        Lifetime lifetime = new Lifetime();
        lifetime.enter();
        assertFalse(lifetime.exit(), "not closed");
        assertTrue(lifetime.close());
        assertFalse(lifetime.close(), "closed before");
    }

    @Test
    void droppedExecutionsAreFreedAndReported() throws InterruptedException {
        LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        Logger logger = Logger.getLogger("normkit.onednn");
        // The filter takes the records, so that they are not printed as well.
        logger.setFilter(record -> {
            messages.add(record.getLevel() + " " + record.getMessage());
            return false;
        });
        try {
            backend.prepare(BACKWARD).close();
            drop();
            String message = null;
            for (int i = 0; i < 600 && message == null; i++) {
                System.gc();
                message = messages.poll(100, TimeUnit.MILLISECONDS);
            }
            assertEquals("WARNING a plan was dropped without close(), its native memory is freed only now: " + FORWARD,
                    message);
            assertEquals(0, messages.size(), "what was closed is not reported");
        } finally {
            logger.setFilter(null);
        }
    }

    @SuppressWarnings("resource") // Dropping it is the point.
    private void drop() {
        backend.prepare(FORWARD).forward(x, null, null, Statistics.NONE, x);
    }
}
