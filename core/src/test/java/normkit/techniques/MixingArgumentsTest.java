package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import normkit.Momentum;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What does not fit is refused before the first byte is written, with a message that names it. */
class MixingArgumentsTest {

    private static final TensorSpec X = TensorSpec.channelsFirst(2, 3, 4);
    private static final TensorSpec STYLE = TensorSpec.channelsFirst(2, 3, 5);
    private static final TensorSpec CHANNELS = TensorSpec.rows(3);
    private static final TensorSpec SETS = TensorSpec.rows(2, 3);
    private static final float UNTOUCHED = 0.5f;

    /** An execution, its arguments by the names messages have for them. */
    enum Execution {
        TRAIN(Map.of("x", X, "scale", CHANNELS, "shift", CHANNELS, "gate", CHANNELS), Map.of("y", X, "mean", SETS,
                "variance", SETS, "running mean", CHANNELS, "running variance", CHANNELS)) {
            @Override
            void run(Map<String, Tensor> a) {
                try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(X)) {
                    plan.train(a.get("x"), parameters(a, ""), a.get("y"), saved(a, ""),
                            new RunningStatistics(a.get("running mean"), a.get("running variance"), 0));
                }
            }
        },
        INFER(Map.of("x", X, "scale", CHANNELS, "shift", CHANNELS, "gate", CHANNELS, "running mean", CHANNELS,
                "running variance", CHANNELS), Map.of("y", X)) {
            @Override
            void run(Map<String, Tensor> a) {
                try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(X)) {
                    plan.infer(a.get("x"), parameters(a, ""), saved(a, "running "), a.get("y"));
                }
            }
        },
        BACKWARD(Map.of("dy", X, "x", X, "scale", CHANNELS, "shift", CHANNELS, "gate", CHANNELS, "mean", SETS,
                "variance", SETS), Map.of("dx", X, "dscale", CHANNELS, "dshift", CHANNELS, "dgate", CHANNELS)) {
            @Override
            void run(Map<String, Tensor> a) {
                try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().plan(X)) {
                    plan.backward(a.get("dy"), a.get("x"), parameters(a, ""), saved(a, ""), a.get("dx"),
                            parameters(a, "d"));
                }
            }
        },
        STYLIZE(Map.of("content", X, "style", STYLE), Map.of("y", X, "mean of the content", SETS,
                "variance of the content", SETS, "mean of the style", SETS, "variance of the style", SETS)) {
            @Override
            void run(Map<String, Tensor> a) {
                try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(X, STYLE)) {
                    plan.forward(a.get("content"), a.get("style"), a.get("y"), of(a, "content"), of(a, "style"));
                }
            }
        },
        STYLE_BACKWARD(
                Map.of("dy", X, "content", X, "style", STYLE, "mean of the content", SETS, "variance of the content",
                        SETS, "mean of the style", SETS, "variance of the style", SETS),
                Map.of("dcontent", X, "dstyle", STYLE)) {
            @Override
            void run(Map<String, Tensor> a) {
                try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(X, STYLE)) {
                    plan.backward(a.get("dy"), a.get("content"), a.get("style"), of(a, "content"), of(a, "style"),
                            a.get("dcontent"), a.get("dstyle"));
                }
            }
        };

        final Map<String, TensorSpec> inputs;
        final Map<String, TensorSpec> outputs;

        Execution(Map<String, TensorSpec> inputs, Map<String, TensorSpec> outputs) {
            this.inputs = inputs;
            this.outputs = outputs;
        }

        abstract void run(Map<String, Tensor> arguments);

        Map<String, TensorSpec> all() {
            Map<String, TensorSpec> all = new HashMap<>(inputs);
            all.putAll(outputs);
            return all;
        }

        /** All arguments in one array, apart from each other. */
        Map<String, Tensor> arguments(float[] memory) {
            Arrays.fill(memory, UNTOUCHED);
            Map<String, Tensor> arguments = new HashMap<>();
            int offset = 0;
            for (Map.Entry<String, TensorSpec> each : all().entrySet()) {
                arguments.put(each.getKey(), Tensor.of(each.getValue(), memory, offset));
                offset += (int) each.getValue().elements();
            }
            return arguments;
        }

        private static BatchInstanceNorm.Parameters parameters(Map<String, Tensor> a, String prefix) {
            return new BatchInstanceNorm.Parameters(a.get(prefix + "scale"), a.get(prefix + "shift"),
                    a.get(prefix + "gate"));
        }

        private static Statistics saved(Map<String, Tensor> a, String prefix) {
            return Statistics.meanAndVariance(a.get(prefix + "mean"), a.get(prefix + "variance"));
        }

        private static Statistics of(Map<String, Tensor> a, String side) {
            return Statistics.meanAndVariance(a.get("mean of the " + side), a.get("variance of the " + side));
        }
    }

    private static final Set<String> DATA = Set.of("x", "dy", "content");
    private static final Set<String> REPLACING = Set.of("y", "dx", "dcontent");

    private static void assertRefused(Execution execution, Map<String, Tensor> arguments, float[] memory,
            Class<? extends RuntimeException> type, String... parts) {
        RuntimeException e = assertThrows(type, () -> execution.run(arguments), () -> List.of(parts).toString());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        float[] untouched = new float[memory.length];
        Arrays.fill(untouched, UNTOUCHED);
        assertArrayEquals(untouched, memory, e.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void everythingThatFitsRuns(Execution execution) {
        execution.run(execution.arguments(new float[1000]));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenSharesNoMemoryWithAnything(Execution execution) {
        float[] memory = new float[1000];
        for (String output : execution.outputs.keySet()) {
            for (String other : execution.all().keySet()) {
                if (!other.equals(output)) {
                    Map<String, Tensor> arguments = execution.arguments(memory);
                    int at = (int) arguments.get(other).offset() + 1;
                    arguments.put(output, Tensor.of(execution.outputs.get(output), memory, at));
                    assertRefused(execution, arguments, memory, IllegalArgumentException.class, "overlaps");
                    boolean inPlace = REPLACING.contains(output) && DATA.contains(other);
                    boolean sameSpec = execution.outputs.get(output).equals(execution.all().get(other));
                    if (sameSpec && !inPlace) {
                        arguments = execution.arguments(memory);
                        arguments.put(output, arguments.get(other));
                        assertRefused(execution, arguments, memory, IllegalArgumentException.class, "overlaps");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherShapeIsRefused(Execution execution) {
        float[] memory = new float[1000];
        for (String name : execution.all().keySet()) {
            if (name.equals("running variance") && execution == Execution.TRAIN) {
                // RunningStatistics itself refuses what is not as long as the mean.
                continue;
            }
            Map<String, Tensor> arguments = execution.arguments(memory);
            arguments.put(name, Tensor.allocate(TensorSpec.channelsFirst(2, 2, 2)));
            if (name.equals("running mean") && execution == Execution.TRAIN) {
                arguments.put("running variance", Tensor.allocate(TensorSpec.rows(8)));
            }
            assertRefused(execution, arguments, memory, IllegalArgumentException.class, name + " is ",
                    "it must be F32");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatMustBeThereIsAskedFor(Execution execution) {
        float[] memory = new float[1000];
        List<String> needed = new ArrayList<>(execution.inputs.keySet());
        if (execution.outputs.containsKey("y")) {
            needed.add("y");
        }
        for (String name : needed) {
            Map<String, Tensor> arguments = execution.arguments(memory);
            arguments.remove(name);
            assertRefused(execution, arguments, memory, NullPointerException.class, name + " is null");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotWantedMayBeMissing(Execution execution) {
        for (String name : execution.outputs.keySet()) {
            if (!name.equals("y") && !name.startsWith("running")) {
                Map<String, Tensor> arguments = execution.arguments(new float[1000]);
                arguments.remove(name);
                execution.run(arguments);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void outputsMustBeWritableAndMemoryAlive(Execution execution) {
        float[] memory = new float[1000];
        for (String name : execution.outputs.keySet()) {
            Map<String, Tensor> arguments = execution.arguments(memory);
            try (Arena arena = Arena.ofConfined()) {
                TensorSpec spec = execution.outputs.get(name);
                MemorySegment segment = arena.allocate(spec.byteSize()).asReadOnly();
                arguments.put(name, Tensor.of(spec, segment));
                assertRefused(execution, arguments, memory, IllegalArgumentException.class, name, "read-only");
            }
            assertRefused(execution, arguments, memory, IllegalStateException.class, name, "arena is closed");
        }
    }

    @Test
    void threadsThatShareAnExecutionNeedMemoryTheyMayUse() {
        PlanOptions options = PlanOptions.DEFAULT.parallel(ForkJoinPool.commonPool(), 2);
        try (Arena arena = Arena.ofConfined();
                AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(X, STYLE, options)) {
            Tensor x = Tensor.allocate(X, arena);
            Tensor style = Tensor.allocate(STYLE);
            Tensor y = Tensor.allocate(X);
            assertThrows(IllegalStateException.class,
                    () -> plan.forward(x, style, y, Statistics.NONE, Statistics.NONE));
            assertThrows(IllegalStateException.class,
                    () -> plan.forward(y, style, x, Statistics.NONE, Statistics.NONE));
        }
    }

    @Test
    void aClosedPlanDoesNothing() {
        BatchLayerNorm.Plan plan = BatchLayerNorm.create().plan(X);
        plan.close();
        plan.close();
        BatchLayerNorm.Parameters parameters =
                new BatchLayerNorm.Parameters(Tensor.allocate(CHANNELS), Tensor.allocate(CHANNELS));
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> plan.train(Tensor.allocate(X), parameters, Tensor.allocate(X), Statistics.NONE, null));
        assertEquals("the plan is closed", e.getMessage());
    }

    @Test
    void parametersAndStatisticsAreAskedFor() {
        try (SwitchableNorm.Plan plan = SwitchableNorm.create().withoutScale().withoutShift().plan(X)) {
            Tensor x = Tensor.allocate(X);
            Tensor logits = Tensor.allocate(plan.logitSpec());
            SwitchableNorm.Parameters parameters = new SwitchableNorm.Parameters(null, null, logits, logits);
            assertThrows(NullPointerException.class, () -> plan.train(x, null, x, Statistics.NONE, null));
            assertThrows(NullPointerException.class, () -> plan.train(x, parameters, x, null, null));
            assertThrows(NullPointerException.class, () -> plan.infer(x, parameters, null, x));
            assertThrows(NullPointerException.class,
                    () -> plan.backward(x, x, parameters, plan.newStatistics(), null, null));
            Statistics withRstd = Statistics.allocate(plan.statisticsSpec());
            assertThrows(IllegalArgumentException.class, () -> plan.train(x, parameters, x, withRstd, null));
            SwitchableNorm.Parameters tooMany =
                    new SwitchableNorm.Parameters(Tensor.allocate(CHANNELS), null, logits, logits);
            assertThrows(IllegalArgumentException.class, () -> plan.train(x, tooMany, x, Statistics.NONE, null));
            SwitchableNorm.Parameters twoLogits =
                    new SwitchableNorm.Parameters(null, null, logits, Tensor.allocate(TensorSpec.rows(2)));
            assertThrows(IllegalArgumentException.class, () -> plan.train(x, twoLogits, x, Statistics.NONE, null));
            plan.train(x, parameters, x, Statistics.NONE, null);
        }
    }

    @Test
    void descriptionsCheckTheirRanges() {
        assertThrows(IllegalArgumentException.class, () -> BatchInstanceNorm.create().epsilon(-1));
        assertThrows(IllegalArgumentException.class, () -> SwitchableNorm.create().epsilon(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> BatchLayerNorm.create().batchSize(0));
        assertThrows(IllegalArgumentException.class, () -> BatchLayerNorm.create().weights(Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> AdaptiveInstanceNorm.create().strength(1.5));
        assertThrows(IllegalArgumentException.class,
                () -> AdaptiveInstanceNorm.create().epsilon(Double.POSITIVE_INFINITY));
        assertThrows(NullPointerException.class, () -> SwitchableNorm.create().momentum(null));
        assertThrows(NullPointerException.class, () -> SwitchableNorm.create().runningVariance(null));
        assertThrows(IllegalArgumentException.class, () -> BatchInstanceNorm.create().plan(SETS));
        assertThrows(NullPointerException.class, () -> BatchInstanceNorm.create().plan(null));
    }

    @Test
    void aStyleFitsItsContent() {
        AdaptiveInstanceNorm norm = AdaptiveInstanceNorm.create();
        assertThrows(NullPointerException.class, () -> norm.plan(X, null));
        for (TensorSpec style : List.of(SETS, TensorSpec.channelsFirst(1, 3, 5), TensorSpec.channelsFirst(2, 4, 5),
                TensorSpec.channelsFirst(2, 3, 0))) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> norm.plan(X, style));
            assertTrue(e.getMessage().startsWith("style is " + style), e.getMessage());
        }
        norm.plan(X, TensorSpec.channelsLast(2, 7, 3).as(DataType.F64)).close();
    }

    @Test
    void emptyTensorsLeaveRunningStatisticsAndHaveNoGradients() {
        for (TensorSpec x : List.of(TensorSpec.channelsFirst(0, 3, 4), TensorSpec.channelsFirst(2, 3, 0),
                TensorSpec.channelsLast(2, 5, 0))) {
            TensorSpec channels = TensorSpec.of(DataType.F32, Layout.ROWS, x.channels());
            Tensor none = Tensor.allocate(x);
            BatchInstanceNorm.Parameters parameters = new BatchInstanceNorm.Parameters(Tensor.allocate(channels),
                    Tensor.allocate(channels), Tensor.allocate(channels));
            BatchInstanceNorm.Parameters gradients =
                    new BatchInstanceNorm.Parameters(ones(channels), ones(channels), ones(channels));
            RunningStatistics running = RunningStatistics.allocate(DataType.F32, x.channels());
            try (BatchInstanceNorm.Plan plan = BatchInstanceNorm.create().momentum(Momentum.ofNew(1)).plan(x)) {
                Statistics saved = plan.newStatistics();
                plan.train(none, parameters, none, saved, running);
                plan.infer(none, parameters, running.statistics(), none);
                plan.backward(none, Tensor.allocate(x), parameters, saved, Tensor.allocate(x), gradients);
            }
            assertEquals(0, running.batches());
            for (int c = 0; c < x.channels(); c++) {
                assertEquals(1, running.statistics().variance().get(c));
                assertEquals(0, gradients.scale().get(c));
                assertEquals(0, gradients.shift().get(c));
                assertEquals(0, gradients.gate().get(c));
            }
        }
    }

    private static Tensor ones(TensorSpec spec) {
        Tensor ones = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            ones.set(i, 1);
        }
        return ones;
    }

    @Test
    void anEmptyContentGivesItsStyleNoGradient() {
        TensorSpec empty = TensorSpec.channelsFirst(2, 3, 0);
        Tensor none = Tensor.allocate(empty);
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().plan(empty, STYLE)) {
            Statistics content = plan.newStatistics();
            Statistics style = plan.newStatistics();
            Tensor s = ones(STYLE);
            Tensor ds = ones(STYLE);
            plan.forward(none, s, none, content, style);
            plan.backward(none, Tensor.allocate(empty), s, content, style, Tensor.allocate(empty), ds);
            for (int i = 0; i < STYLE.elements(); i++) {
                assertEquals(0, ds.get(i), 0.0);
            }
            assertEquals(1, style.mean().get(0));
        }
    }

    /** Running statistics are averages of what each batch had. */
    @Test
    void runningStatisticsTakeInBatches() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 2, 1, 2);
        RunningStatistics running = RunningStatistics.allocate(DataType.F64, 1);
        Tensor y = Tensor.allocate(spec);
        try (BatchLayerNorm.Plan plan = BatchLayerNorm.create().withoutScale().withoutShift().plan(spec)) {
            BatchLayerNorm.Parameters parameters = new BatchLayerNorm.Parameters(null, null);
            plan.train(Tensor.of(spec, new double[] {0, 2, 4, 6}), parameters, y, Statistics.NONE, running);
            plan.train(Tensor.of(spec, new double[] {1, 1, 5, 5}), parameters, y, Statistics.NONE, running);
        }
        assertEquals(2, running.batches());
        assertEquals(3, running.statistics().mean().get(0));
        assertEquals((20 / 3.0 + 16 / 3.0) / 2, running.statistics().variance().get(0), 1e-15);
    }
}
