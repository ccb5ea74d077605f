package normkit;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Once warm, an execution allocates nothing. */
class AllocationTest {

    private static final int EXECUTIONS = 1000;
    private static final int LARGE_EXECUTIONS = 5;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.andFused()) {
            for (Layout layout : subject.layouts()) {
                for (DataType type : DataType.values()) {
                    for (Memory memory : List.of(Memory.HEAP, Memory.NATIVE)) {
                        cases.add(Arguments.of(subject, layout, type, memory));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothingIsAllocatedPerExecution(Subject subject, Layout layout, DataType type, Memory memory) throws Throwable {
        TensorSpec x = switch (layout) {
            case ROWS -> TensorSpec.of(type, layout, 4, 40);
            case CHANNELS_FIRST -> TensorSpec.of(type, layout, 2, 6, 5, 4);
            case CHANNELS_LAST -> TensorSpec.of(type, layout, 2, 5, 4, 6);
        };
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(x)) {
            Runnable call = Call.of(subject, plan, memory, arena, 1).prepared();
            Allocations.assertNone(call, EXECUTIONS);
        }
    }

    /** Several chunks per set, and a set whose squares overflow, which takes the slow path. */
    @ParameterizedTest
    @MethodSource("cases")
    void nothingIsAllocatedForLargeAndExtremeSets(Subject subject, Layout layout, DataType type, Memory memory)
            throws Throwable {
        TensorSpec x = switch (layout) {
            case ROWS -> TensorSpec.of(type, layout, 2, 70_000);
            case CHANNELS_FIRST -> TensorSpec.of(type, layout, 2, 3, 70_000);
            case CHANNELS_LAST -> TensorSpec.of(type, layout, 2, 70_000, 3);
        };
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(x)) {
            Call call = Call.of(subject, plan, memory, arena, 1);
            Allocations.assertNone(call.prepared(), LARGE_EXECUTIONS);
            call.get("x").set(0, type == DataType.F32 ? 1e30 : 1e140);
            Allocations.assertNone(call.prepared(), 1);
        }
    }
}
