package normkit.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl;

/** Runs backward passes: to all gradients, or to that of x alone where no other is wanted. */
final class BackwardWorker implements Worker {

    private final boolean hasScale;
    private final Scope scope;
    private final Slot dy;
    private final Slot x;
    private final Slot scale;
    private final StatisticsSlots statistics;
    private final Slot dx;
    private final Slot dscale;
    private final Slot dshift;
    private final Call toAll;
    private final Call toData;

    /**
     * Makes a worker.
     *
     * @param problem what to run
     * @param all the primitive to all gradients
     * @param data the primitive to the gradient of x alone, again {@code all} if oneDNN has none
     * @param scope owner of what the worker needs; closed by it
     */
    BackwardWorker(Problem problem, Primitive all, Primitive data, Scope scope) {
        this.scope = scope;
        hasScale = problem.hasScale();
        dy = new Slot(all, dnnl.DNNL_ARG_DIFF_DST, scope);
        x = new Slot(all, dnnl.DNNL_ARG_SRC, scope);
        scale = new Slot(all, dnnl.DNNL_ARG_SCALE, scope);
        statistics = new StatisticsSlots(problem, all, scope);
        dx = new Slot(all, dnnl.DNNL_ARG_DIFF_SRC, scope);
        dscale = new Slot(all, dnnl.DNNL_ARG_DIFF_SCALE, scope);
        dshift = new Slot(all, dnnl.DNNL_ARG_DIFF_SHIFT, scope);
        if (!hasScale) {
            fillWithOnes(scale.buffer(), problem.parameterSpec().elements());
        }
        toAll = new Call(all, scope, dy, x, scale, statistics.mean(), statistics.variance(), dx, dscale, dshift);
        toData = data == all ? toAll : new Call(data, scope, dy, x, statistics.mean(), statistics.variance(), dx);
    }

    private static void fillWithOnes(MemorySegment memory, long count) {
        for (long i = 0; i < count; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
    }

    @Override
    public void backward(Tensor dyTensor, Tensor xTensor, Tensor scaleTensor, Statistics tensors, Tensor dxTensor,
            Tensor dscaleTensor, Tensor dshiftTensor) {
        boolean onlyData = dscaleTensor == null && dshiftTensor == null;
        if (onlyData && dxTensor == null) {
            return;
        }
        dy.read(dyTensor);
        x.read(xTensor);
        if (hasScale) {
            scale.read(scaleTensor);
        }
        statistics.load(tensors);
        if (dxTensor != null && dxTensor.sameMemory(xTensor)) {
            // oneDNN promises to take dx in place of dy, but not of x.
            dx.buffer();
        } else {
            write(dx, dxTensor);
        }
        write(dscale, dscaleTensor);
        write(dshift, dshiftTensor);
        (onlyData ? toData : toAll).run();
        finish(dx, dxTensor);
        finish(dscale, dscaleTensor);
        finish(dshift, dshiftTensor);
    }

    private static void write(Slot slot, Tensor tensor) {
        if (tensor == null) {
            slot.buffer();
        } else {
            slot.write(tensor);
        }
    }

    private static void finish(Slot slot, Tensor tensor) {
        if (tensor != null) {
            slot.finishWriting(tensor);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
