package normkit.bench.jmh;

import java.util.stream.Collectors;
import java.util.stream.LongStream;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** What real models ask for: operation, pass, layout and shape as networks in use have them, all f32. */
public enum Workload {
    /** BERT base. */
    LN_BERT(Operation.LAYER_NORM, Pass.FORWARD, Layout.ROWS, 0, 256, 768),
    /** BERT base, training. */
    LN_BERT_BACKWARD(Operation.LAYER_NORM, Pass.BACKWARD, Layout.ROWS, 0, 256, 768),
    /** A transformer's training batch of 16 sequences of 512 tokens. */
    LN_TRANSFORMER(Operation.LAYER_NORM, Pass.FORWARD, Layout.ROWS, 0, 8192, 1024),
    /** The same, training. */
    LN_TRANSFORMER_BACKWARD(Operation.LAYER_NORM, Pass.BACKWARD, Layout.ROWS, 0, 8192, 1024),
    /** Llama, one token. */
    RMS_LLAMA_TOKEN(Operation.RMS_NORM, Pass.FORWARD, Layout.ROWS, 0, 1, 4096),
    /** Llama, a prompt of 2048 tokens. */
    RMS_LLAMA(Operation.RMS_NORM, Pass.FORWARD, Layout.ROWS, 0, 2048, 4096),
    /** The same, training. */
    RMS_LLAMA_BACKWARD(Operation.RMS_NORM, Pass.BACKWARD, Layout.ROWS, 0, 2048, 4096),
    /** ResNet-50, second stage. */
    BN_RESNET(Operation.BATCH_NORM, Pass.FORWARD, Layout.CHANNELS_FIRST, 0, 32, 64, 56, 56),
    /** The same, training. */
    BN_RESNET_BACKWARD(Operation.BATCH_NORM, Pass.BACKWARD, Layout.CHANNELS_FIRST, 0, 32, 64, 56, 56),
    /** ResNet-50, second stage, channels last. */
    BN_RESNET_LAST(Operation.BATCH_NORM, Pass.FORWARD, Layout.CHANNELS_LAST, 0, 32, 56, 56, 64),
    /** The same, training. */
    BN_RESNET_LAST_BACKWARD(Operation.BATCH_NORM, Pass.BACKWARD, Layout.CHANNELS_LAST, 0, 32, 56, 56, 64),
    /** ResNet-50, last stage, inference. */
    BN_RESNET_INFERENCE(Operation.BATCH_NORM, Pass.INFERENCE, Layout.CHANNELS_FIRST, 0, 50, 512, 7, 7),
    /** A dense layer's batch. */
    BN_DENSE(Operation.BATCH_NORM, Pass.FORWARD, Layout.CHANNELS_LAST, 0, 256, 1024),
    /** Stable Diffusion, U-Net. */
    GN_DIFFUSION(Operation.GROUP_NORM, Pass.FORWARD, Layout.CHANNELS_FIRST, 32, 2, 320, 64, 64),
    /** The same, training. */
    GN_DIFFUSION_BACKWARD(Operation.GROUP_NORM, Pass.BACKWARD, Layout.CHANNELS_FIRST, 32, 2, 320, 64, 64),
    /** Style transfer. */
    IN_STYLE(Operation.INSTANCE_NORM, Pass.FORWARD, Layout.CHANNELS_FIRST, 0, 1, 32, 224, 224),
    /** The same, training. */
    IN_STYLE_BACKWARD(Operation.INSTANCE_NORM, Pass.BACKWARD, Layout.CHANNELS_FIRST, 0, 1, 32, 224, 224);

    private static final double EPSILON = 1e-5;
    private static final int FORWARD_TENSORS = 2;
    private static final int BACKWARD_TENSORS = 3;

    private final Problem problem;

    Workload(Operation operation, Pass pass, Layout layout, long groups, long... shape) {
        this.problem = new Problem(operation, pass, TensorSpec.of(DataType.F32, layout, shape),
                layout == Layout.ROWS ? 1 : 0, groups, true, operation != Operation.RMS_NORM, EPSILON);
    }

    /**
     * Returns the problem.
     *
     * @return operation, pass and spec, with γ, and β but for RMS norm
     */
    public Problem problem() {
        return problem;
    }

    /**
     * Returns the least that must go to and from memory: x and y, or x, dy and dx.
     *
     * @return bytes
     */
    public long traffic() {
        return problem.x().byteSize() * (problem.pass().backward() ? BACKWARD_TENSORS : FORWARD_TENSORS);
    }

    /**
     * Returns the shape for a person.
     *
     * @return for example {@code 32x64x56x56}
     */
    public String shape() {
        return LongStream.of(problem.x().shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
