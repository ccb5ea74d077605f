package normkit.onednn;

import java.util.Objects;
import java.util.stream.Stream;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl;

/** Runs forward and inference. */
final class ForwardWorker implements Worker {

    private final boolean given;
    private final Slots slots = new Slots();
    private final Slot x;
    private final Slot scale;
    private final Slot shift;
    private final StatisticsSlots statistics;
    private final Slot y;
    private final Call call;

    ForwardWorker(Problem problem, Primitive primitive) {
        given = problem.pass() == Pass.INFERENCE;
        x = slots.add(primitive, dnnl.DNNL_ARG_SRC);
        scale = slots.addIf(problem.hasScale(), primitive, dnnl.DNNL_ARG_SCALE);
        shift = slots.addIf(problem.hasShift(), primitive, dnnl.DNNL_ARG_SHIFT);
        statistics = new StatisticsSlots(problem, primitive, slots);
        y = slots.add(primitive, dnnl.DNNL_ARG_DST);
        call = new Call(primitive, slots.arena(), Stream.of(x, scale, shift, statistics.mean(), statistics.variance(), y)
                .filter(Objects::nonNull).toList());
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
        call.close();
        slots.close();
    }
}
