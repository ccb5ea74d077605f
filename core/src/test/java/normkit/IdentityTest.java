package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Things that are computed differently but are the same by definition are the same to the last bit. */
class IdentityTest {

    private static final List<String> GRADIENTS = List.of("dx", "dscale", "dshift");

    /** Every pass with every x of some shapes. */
    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Subject subject : Subject.andFused()) {
            subject.odd().forEach(x -> cases.add(Arguments.of(subject, x)));
        }
        return cases;
    }

    /** Channels-first and channels-last tensors: small and odd, long planes, many channels, one channel. */
    static List<TensorSpec> channelled() {
        List<TensorSpec> specs = new ArrayList<>();
        for (DataType type : DataType.values()) {
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 3, 6, 17, 19));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 5, 3));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 3, 131, 129));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 3, 17, 19, 6));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 2, 70, 130));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 2, 131, 129, 3));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_FIRST, 2, 1, 131, 7));
            specs.add(TensorSpec.of(type, Layout.CHANNELS_LAST, 2, 131, 7, 1));
        }
        return specs;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resultsDoNotDependOnTheKindOfMemory(Subject subject, TensorSpec x) {
        try (Arena arena = Arena.ofConfined(); Plan plan = subject.plan(x)) {
            Call heap = Call.of(subject, plan, Memory.HEAP, arena, 5);
            heap.run();
            Map<String, long[]> expected = heap.bits();
            for (Memory memory : Memory.values()) {
                Call call = Call.of(subject, plan, memory, arena, 5);
                call.run();
                call.assertOutputs(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resultsDoNotDependOnWorkInPlace(Subject subject, TensorSpec x) {
        try (Plan plan = subject.plan(x)) {
            Call apart = Call.of(subject, plan);
            apart.run();
            Map<String, long[]> expected = apart.bits();
            String output = subject.pass().backward() ? "dx" : "y";
            for (String input : subject.inputs()) {
                if (ArgumentsTest.mayWorkInPlace(output, input)) {
                    Call call = Call.of(subject, plan);
                    Call inPlace = call.with(output, call.get(input));
                    inPlace.run();
                    inPlace.assertOutputs(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aUsedPlanIsAsGoodAsAFreshOne(Subject subject, TensorSpec x) {
        try (Plan used = subject.plan(x); Plan fresh = subject.plan(x)) {
            Call poison = Call.of(subject, used, Memory.HEAP, null, 7);
            poison.get("x").set(0, Double.NaN);
            poison.get("x").set(x.elements() - 1, Double.POSITIVE_INFINITY);
            poison.run();
            Call first = Call.of(subject, fresh);
            first.run();
            Call second = Call.of(subject, used);
            second.run();
            second.assertOutputs(first.bits());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anOutputDoesNotDependOnWhichOthersAreWanted(Subject subject, TensorSpec x) {
        try (Plan plan = subject.plan(x)) {
            Call all = Call.of(subject, plan);
            all.run();
            Map<String, long[]> expected = all.bits();
            for (String wanted : subject.outputs()) {
                Call call = Call.of(subject, plan);
                for (String other : subject.outputs()) {
                    boolean needed = other.equals(wanted) || other.equals("y") || other.equals("sum")
                            || wanted.startsWith("running") && other.startsWith("running");
                    call = needed ? call : call.with(other, null);
                }
                call.run();
                assertArrayEquals(expected.get(wanted), call.bits().get(wanted), wanted);
            }
        }
    }

    static List<Arguments> casesInRuns() {
        return cases().stream().filter(a -> !inColumns(a)).toList();
    }

    static List<Arguments> casesInColumns() {
        return cases().stream().filter(IdentityTest::inColumns).toList();
    }

    private static boolean inColumns(Arguments a) {
        Subject subject = (Subject) a.get()[0];
        TensorSpec x = (TensorSpec) a.get()[1];
        boolean smallPlanes = x.layout() == Layout.CHANNELS_FIRST && x.spatial() < 16;
        return x.layout() == Layout.CHANNELS_LAST || smallPlanes && subject.operation() == Operation.BATCH_NORM;
    }

    @ParameterizedTest
    @MethodSource("casesInColumns")
    void aColumnOfExtremeValuesLeavesTheBitsOfTheOthers(Subject subject, TensorSpec x) {
        aSetOfExtremeValuesLeavesTheBitsOfTheOthers(subject, x);
    }

    @ParameterizedTest
    @MethodSource("casesInRuns")
    void aSetOfExtremeValuesLeavesTheBitsOfTheOthers(Subject subject, TensorSpec x) {
        Sets sets = new Sets(subject.operation(), x);
        int extreme = sets.of(x.elements() * 3 / 5);
        String output = subject.pass().backward() ? "dx" : "y";
        try (Plan plan = subject.plan(x, 0)) {
            Call usual = Call.of(subject, plan);
            usual.run();
            for (double factor : x.type() == DataType.F32 ? new double[] {1e30, 1e-30} : new double[] {1e140, 1e-140}) {
                Call call = Call.of(subject, plan);
                for (long i = 0; i < x.elements(); i++) {
                    if (sets.of(i) == extreme) {
                        call.get("x").set(i, call.get("x").get(i) * factor);
                    }
                }
                if (subject.pass() != Pass.FORWARD) {
                    call.get("rstd").set(extreme, 1 / factor);
                }
                call.run();
                for (long i = 0; i < x.elements(); i++) {
                    if (sets.of(i) != extreme) {
                        assertEquals(usual.get(output).get(i), call.get(output).get(i));
                    }
                }
            }
        }
    }

    /** Channels so long that the sums of each are formed in several chunks: β's gradient is the sum of dy, exactly here. */
    @Test
    void groupNormSumsGradientsOfLongChannels() {
        TensorSpec x = TensorSpec.of(DataType.F64, Layout.CHANNELS_FIRST, 1, 4, 40_000);
        try (GroupNorm.Plan plan = GroupNorm.of(2).plan(x)) {
            Tensor in = random(x, 1);
            Tensor scale = random(plan.parameterSpec(), 2);
            Statistics saved = Statistics.allocate(plan.statisticsSpec());
            plan.forward(in, scale, random(plan.parameterSpec(), 3), Tensor.allocate(x), saved);
            Tensor dy = Tensor.allocate(x);
            for (long i = 0; i < x.elements(); i++) {
                dy.set(i, i % 7);
            }
            Tensor dshift = Tensor.allocate(plan.parameterSpec());
            plan.backward(dy, in, scale, saved, Tensor.allocate(x), Tensor.allocate(plan.parameterSpec()), dshift);
            for (long channel = 0; channel < 4; channel++) {
                double sum = 0;
                for (long i = channel * 40_000; i < (channel + 1) * 40_000; i++) {
                    sum += i % 7;
                }
                assertEquals(sum, dshift.get(channel));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("channelled")
    void groupNormOfOneGroupIsLayerNorm(TensorSpec x) {
        long[] shape = x.shape();
        TensorSpec rows = TensorSpec.of(x.type(), Layout.ROWS, shape[0], x.elements() / shape[0]);
        try (GroupNorm.Plan group = GroupNorm.of(1).plan(x);
                LayerNorm.Plan layer = LayerNorm.over(rows.axis(1)).plan(rows)) {
            Tensor in = random(x, 1);
            Tensor scale = random(group.parameterSpec(), 2);
            Tensor shift = random(group.parameterSpec(), 3);
            Tensor y = Tensor.allocate(x);
            Statistics saved = Statistics.allocate(group.statisticsSpec());
            group.forward(in, scale, shift, y, saved);

            Tensor rowIn = Tensor.allocate(rows);
            Call.copy(in, rowIn);
            Tensor rowY = Tensor.allocate(rows);
            Statistics rowSaved = Statistics.allocate(layer.statisticsSpec());
            layer.forward(rowIn, expanded(scale, x), expanded(shift, x), rowY, rowSaved);

            // γ multiplies the coefficients of a channel here and every element there.
            for (long i = 0; i < x.elements(); i++) {
                double magnitude = Math.max(4, Math.abs(rowY.get(i)));
                assertEquals(rowY.get(i), y.get(i), 4 * Exact.ulp(x.type(), magnitude));
            }
            assertArrayEquals(Call.bits(rowSaved.mean()), Call.bits(saved.mean()));
            assertArrayEquals(Call.bits(rowSaved.rstd()), Call.bits(saved.rstd()));
        }
    }

    @ParameterizedTest
    @MethodSource("channelled")
    void groupNormOfOneGroupIsLayerNormToTheBitWithoutParameters(TensorSpec x) {
        long[] shape = x.shape();
        TensorSpec rows = TensorSpec.of(x.type(), Layout.ROWS, shape[0], x.elements() / shape[0]);
        try (GroupNorm.Plan group = GroupNorm.of(1).withoutScale().withoutShift().plan(x);
                LayerNorm.Plan layer = LayerNorm.over(rows.axis(1)).withoutScale().withoutShift().plan(rows)) {
            Tensor in = random(x, 1);
            Tensor y = Tensor.allocate(x);
            group.forward(in, null, null, y);
            Tensor rowIn = Tensor.allocate(rows);
            Call.copy(in, rowIn);
            Tensor rowY = Tensor.allocate(rows);
            layer.forward(rowIn, null, null, rowY);
            assertArrayEquals(Call.bits(rowY), Call.bits(y));
        }
    }

    /** A parameter per channel as one per element of a sample, in memory order. */
    private static Tensor expanded(Tensor parameter, TensorSpec x) {
        long sample = x.elements() / x.batch();
        Tensor expanded = Tensor.allocate(TensorSpec.of(x.type(), Layout.ROWS, sample));
        for (long i = 0; i < sample; i++) {
            long channel = x.layout() == Layout.CHANNELS_FIRST ? i / x.spatial() : i % x.channels();
            expanded.set(i, parameter.get(channel));
        }
        return expanded;
    }

    @ParameterizedTest
    @MethodSource("channelled")
    void groupNormOfAsManyGroupsAsChannelsIsInstanceNorm(TensorSpec x) {
        try (GroupNorm.Plan group = GroupNorm.of(x.channels()).plan(x);
                InstanceNorm.Plan instance = InstanceNorm.create().plan(x)) {
            assertSameForward(Call.of(new Subject(Operation.GROUP_NORM, Pass.FORWARD), group),
                    Call.of(new Subject(Operation.INSTANCE_NORM, Pass.FORWARD), instance));
            assertSameBackward(Call.of(new Subject(Operation.GROUP_NORM, Pass.BACKWARD), group),
                    Call.of(new Subject(Operation.INSTANCE_NORM, Pass.BACKWARD), instance));
        }
    }

    @ParameterizedTest
    @MethodSource("channelled")
    void batchNormOfOneSampleIsInstanceNorm(TensorSpec x) {
        long[] shape = x.shape();
        shape[0] = 1;
        TensorSpec one = TensorSpec.of(x.type(), x.layout(), shape);
        try (BatchNorm.Plan batch = BatchNorm.create().plan(one);
                InstanceNorm.Plan instance = InstanceNorm.create().plan(one)) {
            assertSameForward(Call.of(new Subject(Operation.BATCH_NORM, Pass.FORWARD), batch),
                    Call.of(new Subject(Operation.INSTANCE_NORM, Pass.FORWARD), instance));
            assertSameBackward(Call.of(new Subject(Operation.BATCH_NORM, Pass.BACKWARD), batch),
                    Call.of(new Subject(Operation.INSTANCE_NORM, Pass.BACKWARD), instance));
        }
    }

    /** The calls have the same random inputs, because those are drawn in the order of the same arguments. */
    private static void assertSameForward(Call one, Call other) {
        assertSame(one, other, List.of("y", "mean", "variance", "rstd"));
    }

    private static void assertSameBackward(Call one, Call other) {
        assertSame(one, other, GRADIENTS);
    }

    private static void assertSame(Call one, Call other, List<String> outputs) {
        one.run();
        other.run();
        for (String name : outputs) {
            assertArrayEquals(Call.bits(one.get(name)), Call.bits(other.get(name)), name);
        }
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void savedStatisticsInF64AreTheSameStatistics(DataType type) {
        for (Subject subject : Subject.all()) {
            if (subject.pass() == Pass.FORWARD) {
                try (Plan plan = subject.plan(subject.small().as(type))) {
                    Call narrow = Call.of(subject, plan);
                    narrow.run();
                    for (String name : List.of("mean", "variance", "rstd")) {
                        Tensor wide = Tensor.allocate(narrow.specOf(name).as(DataType.F64));
                        Call.of(subject, plan).with(name, wide).run();
                        for (long i = 0; i < wide.spec().elements(); i++) {
                            assertEquals(narrow.get(name).get(i), type.round(wide.get(i)), name);
                        }
                    }
                }
            }
        }
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(-3, 3));
        }
        return tensor;
    }
}
