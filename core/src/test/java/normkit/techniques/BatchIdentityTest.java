package normkit.techniques;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import normkit.BatchNorm;
import normkit.RunningStatistics;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Identities of the literature that batch norm and its relatives share. */
class BatchIdentityTest {

    private static final double NEAR = 1e-12;

    static List<TensorSpec> specs() {
        return Given.specs(DataType.F64);
    }

    private interface Norm {
        void train(Tensor x, Tensor scale, Tensor shift, Tensor y);
    }

    /** Batch norm, renormalization within limits of batch norm, and one participant of a synchronized batch norm. */
    private static List<Norm> norms(TensorSpec spec, Statistics save) {
        return List.of((x, scale, shift, y) -> {
            try (BatchNorm.Plan plan = BatchNorm.create().plan(spec)) {
                plan.train(x, scale, shift, y, save, null);
            }
        }, (x, scale, shift, y) -> {
            try (BatchRenorm.Plan plan = BatchRenorm.create().plan(spec)) {
                plan.train(x, scale, shift, y, null, RunningStatistics.allocate(spec.type(), spec.channels()),
                        BatchRenorm.Limits.BATCH_NORM);
            }
        }, (x, scale, shift, y) -> {
            ChannelMoments moments = ChannelMoments.allocate((int) spec.channels());
            try (SyncBatchNorm.Plan plan = SyncBatchNorm.create().plan(spec)) {
                plan.moments(x, moments);
                plan.normalize(x, scale, shift, moments, y, null);
            }
        });
    }

    /** γ = √(variance + ε), β = mean, of the data themselves. */
    @ParameterizedTest
    @MethodSource("specs")
    void parametersOfTheDataGiveTheIdentity(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor y = Tensor.allocate(spec);
        Statistics own = Statistics.allocate(given.perChannel());
        Tensor scale = given.scale();
        norms(spec, own).getFirst().train(x, scale, given.shift(), y);
        for (int c = 0; c < spec.channels(); c++) {
            scale.set(c, 1 / own.rstd().get(c));
        }
        for (Norm norm : norms(spec, Statistics.NONE)) {
            norm.train(x, scale, own.mean(), y);
            assertArrayEquals(Given.values(x), Given.values(y), NEAR);
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aBiasBeforeTheNormHasNoEffect(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor moved = given.data();
        for (long i = 0; i < spec.elements(); i++) {
            int c = Given.channel(spec, i);
            moved.set(i, moved.get(i) + 3 - 2 * c);
        }
        Tensor y = Tensor.allocate(spec);
        Tensor again = Tensor.allocate(spec);
        for (Norm norm : norms(spec, Statistics.NONE)) {
            norm.train(x, given.scale(), given.shift(), y);
            norm.train(moved, given.scale(), given.shift(), again);
            assertArrayEquals(Given.values(y), Given.values(again), NEAR);
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aPositiveFactorBeforeTheNormHasNoEffectWithoutEpsilon(TensorSpec spec) {
        Given given = new Given(spec);
        Tensor x = given.data();
        Tensor wide = given.data();
        for (long i = 0; i < spec.elements(); i++) {
            wide.set(i, wide.get(i) * (2 + Given.channel(spec, i)));
        }
        Tensor y = Tensor.allocate(spec);
        Tensor again = Tensor.allocate(spec);
        ChannelMoments moments = ChannelMoments.allocate((int) spec.channels());
        try (SyncBatchNorm.Plan plan = SyncBatchNorm.create().epsilon(0).plan(spec)) {
            plan.moments(x, moments);
            plan.normalize(x, given.scale(), given.shift(), moments, y, null);
            plan.moments(wide, moments);
            plan.normalize(wide, given.scale(), given.shift(), moments, again, null);
        }
        assertArrayEquals(Given.values(y), Given.values(again), NEAR);
    }
}
