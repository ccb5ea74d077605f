package normkit.onednn;

import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl;

/** Runs forward and inference. */
final class ForwardWorker implements Worker {

    private final boolean given;
    private final Scope scope;
    private final Slot x;
    private final Slot scale;
    private final Slot shift;
    private final StatisticsSlots statistics;
    private final Slot y;
    private final Call call;

    ForwardWorker(Problem problem, Primitive primitive, Scope scope) {
        this.scope = scope;
        given = problem.pass() == Pass.INFERENCE;
        x = new Slot(primitive, dnnl.DNNL_ARG_SRC, scope);
        scale = problem.hasScale() ? new Slot(primitive, dnnl.DNNL_ARG_SCALE, scope) : null;
        shift = problem.hasShift() ? new Slot(primitive, dnnl.DNNL_ARG_SHIFT, scope) : null;
        statistics = new StatisticsSlots(problem, primitive, scope);
        y = new Slot(primitive, dnnl.DNNL_ARG_DST, scope);
        call = new Call(primitive, scope, x, scale, shift, statistics.mean(), statistics.variance(), y);
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics tensors, Tensor yTensor) {
        x.read(xTensor);
        if (scale != null) {
            scale.read(scaleTensor);
        }
        if (shift != null) {
            shift.read(shiftTensor);
        }
        if (given) {
            statistics.load(tensors);
        }
        y.write(yTensor);
        call.run();
        y.finishWriting(yTensor);
        if (!given) {
            statistics.store(tensors);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
