package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import normkit.Allocations;
import normkit.PlanOptions;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every technique over channels: the same bits wherever and by however many it is computed. */
class ChannelTechniquesTest {

    private static final PlanOptions OPTIONS = PlanOptions.DEFAULT;
    private static final int EXECUTIONS = 200;

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Exercise exercise : Exercise.values()) {
            for (TensorSpec spec : Given.specs()) {
                cases.add(Arguments.of(exercise, spec));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void memoryChangesNoBit(Exercise exercise, TensorSpec x) {
        long[] heap = exercise.bits(x, null, false, OPTIONS);
        assertArrayEquals(heap, exercise.bits(x, null, true, OPTIONS), "in place");
        try (Arena arena = Arena.ofConfined()) {
            assertArrayEquals(heap, exercise.bits(x, arena, false, OPTIONS), "native");
            assertArrayEquals(heap, exercise.bits(x, arena, true, OPTIONS), "native in place");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void threadsChangeNoBit(Exercise exercise, TensorSpec x) {
        long[] one = exercise.bits(x, null, false, OPTIONS);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            assertArrayEquals(one, exercise.bits(x, null, true, OPTIONS.parallel(pool, 3)));
        }
    }

    /** All have tensors of their own. */
    @ParameterizedTest
    @MethodSource("cases")
    void aPlanMayBeExecutedByManyAtOnce(Exercise exercise, TensorSpec x) throws Exception {
        Given given = new Given(x);
        try (ExecutorService pool = Executors.newFixedThreadPool(4); TechniquePlan<?> plan = exercise.plan(given)) {
            long[] alone = exercise.bits(given, plan);
            List<Callable<long[]>> tasks = Collections.nCopies(16, () -> exercise.bits(given, plan));
            for (Future<long[]> result : pool.invokeAll(tasks)) {
                assertArrayEquals(alone, result.get());
            }
        }
    }

    static List<Arguments> smallCases() {
        return cases().stream().filter(c -> ((TensorSpec) c.get()[1]).elements() < 1000).toList();
    }

    @ParameterizedTest
    @MethodSource("smallCases")
    void onceWarmAStepAllocatesNothing(Exercise exercise, TensorSpec x) throws Throwable {
        for (boolean nativeMemory : new boolean[] {false, true}) {
            try (Arena arena = Arena.ofConfined(); TechniquePlan<?> plan = exercise.plan(new Given(x))) {
                Exercise.Step step = exercise.prepare(new Given(x, nativeMemory ? arena : null, false, OPTIONS), plan);
                Allocations.assertNone(step::run, EXECUTIONS);
            }
        }
    }
}
