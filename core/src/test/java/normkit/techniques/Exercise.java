package normkit.techniques;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import normkit.PlanOptions;
import normkit.RunningStatistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A training step of each technique over channels, as the same few things have to hold for all of them. */
enum Exercise {
    BATCH_RENORM {
        @Override
        TechniquePlan<?> plan(Given given) {
            return BatchRenorm.create().plan(given.x(), given.options());
        }

        @Override
        Step prepare(Given given, TechniquePlan<?> shared) {
            BatchRenorm.Plan plan = (BatchRenorm.Plan) shared;
            Step step = new Step(given);
            BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(given.x().channels());
            BatchRenorm.Limits limits = new BatchRenorm.Limits(1.4, 0.7);
            Tensor inferred = given.allocate(given.x());
            step.outputs.addAll(List.of(inferred, saved.r(), saved.d()));
            step.action = () -> {
                plan.infer(step.x, step.scale, step.shift, step.running, inferred);
                plan.train(step.xForY, step.scale, step.shift, step.y, saved, step.running, limits);
                plan.backward(step.dyForDx, step.x, step.scale, saved, step.dx, step.dscale, step.dshift);
            };
            return step;
        }
    },
    SYNC_BATCH_NORM {
        @Override
        TechniquePlan<?> plan(Given given) {
            return SyncBatchNorm.create().plan(given.x(), given.options());
        }

        @Override
        Step prepare(Given given, TechniquePlan<?> shared) {
            SyncBatchNorm.Plan plan = (SyncBatchNorm.Plan) shared;
            Step step = new Step(given);
            ChannelMoments moments = ChannelMoments.allocate((int) given.x().channels());
            ChannelMoments merged = ChannelMoments.allocate((int) given.x().channels());
            ChannelGradients sums = ChannelGradients.allocate((int) given.x().channels());
            step.action = () -> {
                plan.moments(step.x, moments);
                merged.clear();
                merged.merge(moments);
                plan.normalize(step.xForY, step.scale, step.shift, merged, step.y, step.running);
                plan.gradients(step.dyForDx, step.x, merged, sums);
                plan.parameterGradients(sums, step.dscale, step.dshift);
                plan.backward(step.dyForDx, step.x, step.scale, merged, sums, step.dx);
            };
            return step;
        }
    },
    MEAN_ONLY_BATCH_NORM {
        @Override
        TechniquePlan<?> plan(Given given) {
            return MeanOnlyBatchNorm.create().plan(given.x(), given.options());
        }

        @Override
        Step prepare(Given given, TechniquePlan<?> shared) {
            MeanOnlyBatchNorm.Plan plan = (MeanOnlyBatchNorm.Plan) shared;
            Step step = new Step(given);
            Tensor inferred = given.allocate(given.x());
            step.outputs.add(inferred);
            step.action = () -> {
                plan.infer(step.x, step.shift, step.running.statistics().mean(), inferred);
                plan.train(step.xForY, step.shift, step.y, step.running);
                plan.backward(step.dyForDx, step.dx, step.dshift);
            };
            return step;
        }
    };

    abstract TechniquePlan<?> plan(Given given);

    /** Makes the tensors of a step with a plan that others may use as well. */
    abstract Step prepare(Given given, TechniquePlan<?> shared);

    /** Tensors and what to do with them. */
    static final class Step {

        final Tensor x;
        final Tensor xForY;
        final Tensor y;
        final Tensor dyForDx;
        final Tensor dx;
        final Tensor scale;
        final Tensor shift;
        final Tensor dscale;
        final Tensor dshift;
        final RunningStatistics running;
        final List<Tensor> outputs;
        private Runnable action;

        private Step(Given given) {
            x = given.data();
            Tensor[] forward = given.withOutput(x);
            xForY = forward[0];
            y = forward[1];
            Tensor[] backward = given.withOutput(given.gradient());
            dyForDx = backward[0];
            dx = backward[1];
            scale = given.scale();
            shift = given.shift();
            dscale = given.allocate(given.perChannel());
            dshift = given.allocate(given.perChannel());
            running = given.running();
            outputs = new ArrayList<>(
                    List.of(y, dx, dscale, dshift, running.statistics().mean(), running.statistics().variance()));
        }

        void run() {
            action.run();
        }

        long[] bits() {
            return outputs.stream()
                    .flatMapToLong(t -> Arrays.stream(Given.values(t)).mapToLong(Double::doubleToLongBits)).toArray();
        }
    }

    /** The bits of all outputs of one step. */
    long[] bits(TensorSpec x, Arena arena, boolean inPlace, PlanOptions options) {
        Given given = new Given(x, arena, inPlace, options);
        try (TechniquePlan<?> plan = plan(given)) {
            return bits(given, plan);
        }
    }

    /** The bits of all outputs of one step with a plan that others may use as well. */
    long[] bits(Given given, TechniquePlan<?> shared) {
        Step step = prepare(given, shared);
        step.run();
        return step.bits();
    }
}
