package normkit.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.spi.Execution;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** A problem solved by ONNX Runtime, for one thread at a time. */
final class OrtExecution implements Execution {

    private static final int OPSET = 23;

    private final Problem problem;
    private final Arena arena = Arena.ofShared();
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final Slot x;
    private final Slot scale;
    private final Slot shift;
    private final Slot mean;
    /** The variance that is given, or the rstd that is saved. */
    private final Slot spread;
    private final Slot y;

    /** Memory, and the tensor over it, which is kept for as long as that stays in the same place. */
    private static final class Slot {

        private final String name;
        private final long[] shape;
        private final NativeFloats floats;
        private final Map<String, OnnxTensor> arguments;
        private long address;

        Slot(String name, Map<String, OnnxTensor> arguments, Arena arena, long... shape) {
            this.name = name;
            this.shape = shape;
            this.arguments = arguments;
            long elements = 1;
            for (long axis : shape) {
                elements *= axis;
            }
            this.floats = new NativeFloats(arena, elements);
        }

        void at(MemorySegment memory) throws OrtException {
            if (arguments.containsKey(name) && address == memory.address()) {
                return;
            }
            address = memory.address();
            OnnxTensor before = arguments.put(name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(),
                    memory.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer(), shape));
            if (before != null) {
                before.close();
            }
        }
    }

    OrtExecution(Problem problem, int threads) throws OrtException {
        this.problem = problem;
        long parameters = problem.parameterSpec().elements();
        boolean rows = problem.operation() == Operation.LAYER_NORM || problem.operation() == Operation.RMS_NORM;
        long[] shape = rows
                ? new long[] {problem.statisticsSpec().elements(), parameters}
                : new long[] {problem.x().batch(), problem.x().channels(), problem.x().spatial()};
        x = new Slot("x", inputs, arena, shape);
        scale = new Slot("scale", inputs, arena, parameters);
        shift = problem.operation() == Operation.RMS_NORM ? null : new Slot("shift", inputs, arena, parameters);
        y = new Slot("y", outputs, arena, shape);
        switch (problem.operation()) {
            case LAYER_NORM -> {
                mean = new Slot("mean", outputs, arena, shape[0], 1);
                spread = new Slot("rstd", outputs, arena, shape[0], 1);
            }
            case BATCH_NORM -> {
                mean = new Slot("mean", inputs, arena, parameters);
                spread = new Slot("variance", inputs, arena, parameters);
            }
            default -> {
                mean = null;
                spread = null;
            }
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            session = OrtEnvironment.getEnvironment().createSession(model(), options);
        }
    }

    static String operator(Operation operation) {
        return switch (operation) {
            case LAYER_NORM -> "LayerNormalization";
            case RMS_NORM -> "RMSNormalization";
            case BATCH_NORM -> "BatchNormalization";
            case GROUP_NORM -> "GroupNormalization";
            case INSTANCE_NORM -> "InstanceNormalization";
        };
    }

    /** Arguments in the order of the operators, all of which begin alike. */
    private byte[] model() {
        OnnxModel model = new OnnxModel(operator(problem.operation())).input(x.name, x.shape).input(scale.name,
                scale.shape);
        if (shift != null) {
            model.input(shift.name, shift.shape);
        }
        model.output(y.name, y.shape).attribute("epsilon", (float) problem.epsilon());
        switch (problem.operation()) {
            case LAYER_NORM ->
                model.attribute("axis", 1).output(mean.name, mean.shape).output(spread.name, spread.shape);
            case RMS_NORM -> model.attribute("axis", 1);
            case BATCH_NORM -> model.input(mean.name, mean.shape).input(spread.name, spread.shape);
            case GROUP_NORM -> model.attribute("num_groups", problem.groups());
            case INSTANCE_NORM -> {
                // It has no further arguments.
            }
        }
        return model.bytes(OPSET);
    }

    @Override
    public void forward(Tensor xTensor, Tensor scaleTensor, Tensor shiftTensor, Statistics statistics, Tensor yTensor) {
        try {
            x.at(x.floats.read(xTensor));
            scale.at(scaleTensor == null ? scale.floats.ones() : scale.floats.read(scaleTensor));
            if (shift != null) {
                shift.at(shiftTensor == null ? shift.floats.buffer() : shift.floats.read(shiftTensor));
            }
            y.at(y.floats.write(yTensor));
            MemorySegment spreads = null;
            if (problem.pass() == Pass.INFERENCE) {
                mean.at(mean.floats.read(statistics.mean()));
                spread.at(Conversions.readVariance(spread.floats, statistics, problem));
            } else if (mean != null) {
                mean.at(mean.floats.write(statistics.mean()));
                spreads = spread.floats.write(statistics.rstd());
                spread.at(spreads);
            }
            session.run(inputs, outputs).close();
            y.floats.finish(yTensor);
            if (spreads != null) {
                mean.floats.finish(statistics.mean());
                Conversions.finishRstd(spread.floats, spreads, statistics, problem);
            } else if (problem.pass() == Pass.FORWARD) {
                Conversions.unknown(statistics);
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime failed on " + problem + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void backward(Tensor dy, Tensor xTensor, Tensor scaleTensor, Statistics statistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        throw new IllegalStateException("the execution was prepared for a forward pass");
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot close a session: " + e.getMessage(), e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
            arena.close();
        }
    }
}
