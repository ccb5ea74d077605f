package normkit.bench.jmh;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import normkit.PlanOptions;
import normkit.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TechniqueExerciseTest {

    @ParameterizedTest
    @EnumSource
    void everyTechniqueIsVerifiedAndRuns(TimedTechnique technique) {
        for (String backend : List.of(NormBenchmark.COPY, TechniqueBenchmark.AUTO)) {
            try (TechniqueExercise exercise =
                    TechniqueExercise.of(technique, technique.passes().getLast(), backend, false)) {
                exercise.run();
            }
        }
    }

    /** Outputs that no formula checks are those of a pass there is not. */
    @ParameterizedTest
    @EnumSource
    void everyResultOfOwnLoopsHasAFormula(TimedTechnique technique) {
        try (Stage stage = technique.stage(PlanOptions.DEFAULT)) {
            assertEquals(technique.usesKernels(), stage.formulas().isEmpty());
            assertEquals(technique.passes().size() == 2, stage.backward() != null);
            if (!technique.usesKernels()) {
                stage.forward().run();
                if (stage.backward() != null) {
                    stage.backward().run();
                }
                stage.outputs().forEach(
                        (name, tensor) -> assertTrue(stage.formulas().containsKey(name) != isZero(tensor), name));
            }
        }
    }

    private static boolean isZero(Tensor tensor) {
        return Arrays.equals(new byte[8], tensor.segment().asSlice(0, 8).toArray(JAVA_BYTE));
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertEquals("pass is backward; for batch_norm_folding it must be forward",
                assertThrows(IllegalArgumentException.class,
                        () -> TechniqueExercise.of(TimedTechnique.BATCH_NORM_FOLDING, TechniqueBenchmark.BACKWARD,
                                TechniqueBenchmark.AUTO, false))
                        .getMessage());
        assertEquals("backend is scalar; lp_norm has loops of its own, so it must be auto or copy",
                assertThrows(IllegalArgumentException.class,
                        () -> TechniqueExercise.of(TimedTechnique.LP_NORM, TechniqueBenchmark.FORWARD, "scalar", false))
                        .getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> TimedTechnique.of("abacus")).getMessage()
                .startsWith("technique is abacus; it must be one of batch_instance_norm, "));
    }
}
