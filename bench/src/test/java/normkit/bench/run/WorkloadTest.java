package normkit.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import normkit.spi.Operation;
import normkit.spi.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadTest {

    static Stream<Problem> problems() {
        return Stream.concat(RealModels.problems().stream(), RealModels.extremes().stream());
    }

    @ParameterizedTest
    @MethodSource("problems")
    void aProblemSurvivesItsTexts(Problem problem) {
        Workload workload = Workload.of(problem);
        assertEquals(problem, workload.problem());
        assertEquals(workload, Workload.of(workload.params()));
        assertEquals(problem.x().byteSize(), workload.bytes());
    }

    @Test
    void textsAreThoseOfTheFormat() {
        Workload workload = new Workload("group_norm", "backward", "nxc", "2x96x96x320", "32");
        assertEquals(List.of("operation", "pass", "layout", "shape", "groups"),
                List.copyOf(workload.params().keySet()));
        assertEquals("group_norm backward nxc 2x96x96x320 32 groups", workload.toString());
        assertEquals("group_norm backward F32 CHANNELS_LAST 2x96x96x320 groups 32 scale shift eps 1.0E-5",
                workload.problem().toString());
        assertEquals(3L * 2 * 96 * 96 * 320 * 4, workload.traffic());
        assertEquals(2L * 7 * 5 * 4, new Workload("layer_norm", "forward", "rows", "7x5", "0").traffic());
        assertEquals("rms_norm forward rows 7x5",
                new Workload(Operation.RMS_NORM.label(), "forward", "rows", "7x5", "0").toString());
    }

    @ParameterizedTest
    @CsvSource({"lrn,forward,rows,2x3,operation is lrn; it must be one of layer_norm",
        "layer_norm,sideways,rows,2x3,pass is sideways; it must be one of forward",
        "layer_norm,forward,nchw,2x3,layout is nchw; it must be one of ncx",
        "layer_norm,forward,rows,2*3,'2*3' must be axis lengths such as 3x5x7"})
    void saysWhichTextIsWrong(String operation, String pass, String layout, String shape, String message) {
        Workload workload = new Workload(operation, pass, layout, shape, "0");
        String told = assertThrows(IllegalArgumentException.class, workload::problem).getMessage();
        assertTrue(told.startsWith(message), told);
    }
}
