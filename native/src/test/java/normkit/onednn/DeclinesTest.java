package normkit.onednn;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import normkit.LayerNorm;
import normkit.PlanOptions;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.DataType;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;

/** What is declined is declined with its reason, and cannot be had by force. */
class DeclinesTest {

    private final OneDnnBackend backend = new OneDnnBackend();

    private void assertDeclined(TensorSpec x, double epsilon, String reason) {
        Problem problem = new Problem(Operation.LAYER_NORM, Pass.FORWARD, x, 1, 0, false, false, epsilon);
        Support.Declined declined = assertInstanceOf(Support.Declined.class, backend.supports(problem));
        assertTrue(declined.reason().contains(reason), declined.reason());
        Exception e = assertThrows(IllegalArgumentException.class, () -> backend.prepare(problem));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    @Test
    void doubles() {
        assertDeclined(TensorSpec.rows(2, 8).as(DataType.F64), 1e-5, "x is F64");
    }

    @Test
    void emptyTensors() {
        assertDeclined(TensorSpec.rows(0, 8), 1e-5, "x is empty");
    }

    @Test
    void moreElementsThanAnInt() {
        assertDeclined(TensorSpec.rows(1 << 16, 1 << 15), 1e-5, "2147483648 elements");
    }

    @Test
    void epsilonThatIsNothingInFloat() {
        assertDeclined(TensorSpec.rows(2, 8), 0, "epsilon is 0.0");
        assertDeclined(TensorSpec.rows(2, 8), 1e-40, "epsilon is 1.0E-40");
        assertDeclined(TensorSpec.rows(2, 8), 1e40, "in f32 Infinity");
    }

    @Test
    void forcingDoesNotFallBack() {
        Exception e = assertThrows(IllegalStateException.class,
                () -> LayerNorm.over(8).epsilon(0).plan(TensorSpec.rows(2, 8), PlanOptions.DEFAULT.backend("onednn")));
        assertTrue(e.getMessage().contains("epsilon is 0.0"), e.getMessage());
    }
}
