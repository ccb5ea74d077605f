package normkit.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import normkit.spi.Execution;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A problem solved by libtorch, for one thread at a time. */
final class TorchExecution implements Execution {

    private final Problem problem;
    private final int threads;
    private final Arena arena = Arena.ofShared();
    private final List<TorchView> views = new ArrayList<>();
    private final TensorOptional none = new TensorOptional();
    private final DoubleOptional epsilon;
    private final BoolPointer wanted = new BoolPointer(3);
    private final Slot x;
    private final Slot dy;
    private final Slot y;
    private final Slot scale;
    private final Slot shift;
    private final Slot mean;
    /** Holds rstd, or the variance where that is what libtorch takes. */
    private final Slot spread;
    private final Slot dscale;
    private final Slot dshift;
    private final long groups;

    /** Memory, and libtorch's view of it. */
    private record Slot(NativeFloats floats, TorchView view) {

        TorchView read(Tensor tensor) {
            return view.at(floats.read(tensor));
        }

        TorchView write(Tensor tensor) {
            return view.at(floats.write(tensor));
        }
    }

    TorchExecution(Problem problem, int threads) {
        this.problem = problem;
        this.threads = threads;
        this.epsilon = new DoubleOptional(problem.epsilon());
        this.x = data();
        this.dy = data();
        this.y = data();
        this.scale = vector(problem.parameterSpec());
        this.shift = vector(problem.parameterSpec());
        this.dscale = vector(problem.parameterSpec());
        this.dshift = vector(problem.parameterSpec());
        this.mean = vector(problem.statisticsSpec());
        this.spread = vector(problem.statisticsSpec());
        this.groups = switch (problem.operation()) {
            case GROUP_NORM -> problem.groups();
            case INSTANCE_NORM -> problem.x().channels();
            default -> 0;
        };
    }

    /** Rows; or batch, channels and all spatial axes as one, channels-last in the way libtorch knows: with four axes. */
    private Slot data() {
        TensorSpec spec = problem.x();
        if (spec.layout() == Layout.ROWS) {
            long length = problem.parameterSpec().elements();
            return slot(spec.elements(), new long[] {spec.elements() / length, length}, new long[] {length, 1});
        }
        long c = spec.channels();
        long s = spec.spatial();
        return spec.layout() == Layout.CHANNELS_FIRST
                ? slot(spec.elements(), new long[] {spec.batch(), c, s}, new long[] {c * s, s, 1})
                : slot(spec.elements(), new long[] {spec.batch(), c, s, 1}, new long[] {c * s, 1, c, c});
    }

    private Slot vector(TensorSpec spec) {
        return slot(spec.elements(), new long[] {spec.elements()}, new long[] {1});
    }

    private Slot slot(long elements, long[] sizes, long[] strides) {
        TorchView view = new TorchView(sizes, strides);
        views.add(view);
        return new Slot(new NativeFloats(arena, elements), view);
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor yTensor) {
        useThreads();
        try (InferenceMode _ = new InferenceMode(true)) {
            org.bytedeco.pytorch.Tensor in = x.read(xTensor).tensor();
            org.bytedeco.pytorch.Tensor out = y.write(yTensor).tensor();
            TensorOptional gamma = scaleTensor == null ? none : scale.read(scaleTensor).optional();
            TensorOptional beta = shiftTensor == null ? none : shift.read(shiftTensor).optional();
            if (problem.pass() == Pass.INFERENCE) {
                infer(in, gamma, beta, statistics, out);
            } else {
                normalize(in, gamma, beta, statistics, out);
            }
            y.floats().finish(yTensor);
        }
    }

    /** The number of threads is a setting of the calling thread. */
    private void useThreads() {
        if (torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
        }
    }

    private void infer(org.bytedeco.pytorch.Tensor in, TensorOptional gamma, TensorOptional beta, Statistics given,
            org.bytedeco.pytorch.Tensor out) {
        TensorOptional means = mean.read(given.mean()).optional();
        TensorOptional variances = readVariance(given).optional();
        // libtorch does not touch the statistics to save here, but wants tensors for them.
        org.bytedeco.pytorch.Tensor unused = dscale.write(null).tensor();
        try (PointerScope _ = new PointerScope()) {
            torch.native_batch_norm_out(out, unused, unused, in, gamma, beta, means, variances, false, 0,
                    problem.epsilon());
        }
    }

    private TorchView readVariance(Statistics given) {
        return spread.view().at(Conversions.readVariance(spread.floats(), given, problem));
    }

    private void normalize(org.bytedeco.pytorch.Tensor in, TensorOptional gamma, TensorOptional beta, Statistics saved,
            org.bytedeco.pytorch.Tensor out) {
        MemorySegment rstds = spread.floats().write(saved.rstd());
        org.bytedeco.pytorch.Tensor means = mean.write(saved.mean()).tensor();
        org.bytedeco.pytorch.Tensor spreads = spread.view().at(rstds).tensor();
        try (PointerScope _ = new PointerScope()) {
            switch (problem.operation()) {
                case LAYER_NORM -> copy(torch.native_layer_norm(in, normalized(), gamma, beta, problem.epsilon()), out,
                        means, spreads);
                case RMS_NORM -> out.copy_(torch.rms_norm(in, normalized(), gamma, epsilon));
                case BATCH_NORM -> torch.native_batch_norm_out(out, means, spreads, in, gamma, beta, none, none, true, 0,
                        problem.epsilon());
                case GROUP_NORM, INSTANCE_NORM -> copy(torch.native_group_norm(in, gamma, beta, problem.x().batch(),
                        problem.x().channels(), problem.x().spatial(), groups, problem.epsilon()), out, means, spreads);
            }
        }
        if (problem.operation().centred()) {
            mean.floats().finish(saved.mean());
            Conversions.finishRstd(spread.floats(), rstds, saved, problem);
        } else {
            Conversions.unknown(saved);
        }
    }

    private long[] normalized() {
        return new long[] {problem.parameterSpec().elements()};
    }

    private static void copy(T_TensorTensorTensor_T results, org.bytedeco.pytorch.Tensor out,
            org.bytedeco.pytorch.Tensor means, org.bytedeco.pytorch.Tensor spreads) {
        out.copy_(results.get0());
        means.copy_(results.get1().view_as(means));
        spreads.copy_(results.get2().view_as(spreads));
    }

    @Override
    public void backward(Tensor dyTensor, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dxTensor,
            Tensor dscaleTensor, Tensor dshiftTensor) {
        useThreads();
        try (InferenceMode _ = new InferenceMode(true)) {
            org.bytedeco.pytorch.Tensor gradient = dy.read(dyTensor).tensor();
            org.bytedeco.pytorch.Tensor in = x.read(xTensor).tensor();
            // Without γ the gradient of group norm forgets that of β, so there is one, of ones.
            TensorOptional gamma = scaleTensor != null
                    ? scale.read(scaleTensor).optional()
                    : groups > 0 ? scale.view().at(scale.floats().ones()).optional() : none;
            TorchView means = mean.read(statistics.mean());
            boolean frozen = problem.pass() == Pass.FROZEN_BACKWARD;
            TorchView spreads = frozen
                    ? readVariance(statistics)
                    : spread.view().at(Conversions.readRstd(spread.floats(), statistics, problem));
            TorchView dx = y.write(dxTensor);
            TorchView gammaGradient = dscale.write(dscaleTensor);
            TorchView betaGradient = dshift.write(dshiftTensor);
            // Layer norm takes the shape of β's gradient from β, whatever its values.
            TensorOptional beta = dshiftTensor == null ? none : shift.write(null).optional();
            wanted.put(0, dxTensor != null).put(1, dscaleTensor != null).put(2, dshiftTensor != null);
            try (PointerScope _ = new PointerScope()) {
                T_TensorTensorTensor_T results = switch (problem.operation()) {
                    case LAYER_NORM -> torch.native_layer_norm_backward(gradient, in, normalized(), means.tensor(),
                            spreads.tensor(), gamma, beta, wanted);
                    case BATCH_NORM -> frozen
                            ? torch.native_batch_norm_backward(gradient, in, gamma, means.optional(),
                                    spreads.optional(), none, none, false, problem.epsilon(), wanted)
                            : torch.native_batch_norm_backward(gradient, in, gamma, none, none, means.optional(),
                                    spreads.optional(), true, problem.epsilon(), wanted);
                    case GROUP_NORM, INSTANCE_NORM ->
                        torch.native_group_norm_backward(gradient, in, means.tensor(), spreads.tensor(), gamma,
                                problem.x().batch(), problem.x().channels(), problem.x().spatial(), groups, wanted);
                    case RMS_NORM -> throw new IllegalArgumentException(problem + " is not supported");
                };
                store(dxTensor, results.get0(), dx);
                store(dscaleTensor, results.get1(), gammaGradient);
                store(dshiftTensor, results.get2(), betaGradient);
            }
            y.floats().finish(dxTensor);
            dscale.floats().finish(dscaleTensor);
            dshift.floats().finish(dshiftTensor);
        }
    }

    private static void store(Tensor wanted, org.bytedeco.pytorch.Tensor result, TorchView to) {
        if (wanted != null) {
            to.tensor().copy_(result);
        }
    }

    @Override
    public void close() {
        views.forEach(TorchView::close);
        none.close();
        epsilon.close();
        wanted.close();
        arena.close();
    }
}
