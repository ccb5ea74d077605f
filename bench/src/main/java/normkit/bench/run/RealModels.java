package normkit.bench.run;

import java.util.ArrayList;
import java.util.List;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.TensorSpec;

/** The normalizations of networks in use: every shape in each pass and, where there are channels, both layouts. All f32. */
public final class RealModels {

    private static final int GROUPS = 32;

    private final List<Problem> problems = new ArrayList<>();

    private RealModels() {
    }

    /**
     * Returns the problems.
     *
     * @return an immutable list
     */
    public static List<Problem> problems() {
        RealModels models = new RealModels();
        models.batchNorms();
        models.rows();
        models.grouped();
        return List.copyOf(models.problems);
    }

    /**
     * Returns problems at the ends of what there is: tiny ones, few or odd channels, short rows, sets beyond the caches.
     *
     * @return an immutable list
     */
    public static List<Problem> extremes() {
        RealModels models = new RealModels();
        models.layerNorm(1, 768);
        models.layerNorm(16, 768);
        models.layerNorm(1, 100_000);
        models.layerNorm(200_000, 8);
        models.layerNorm(1, 8_000_000);
        models.rmsNorm(16, 512);
        models.batchNorm(8, 64, 14, 14);
        models.batchNorm(1, 16, 28, 28);
        models.batchNorm(8, 3, 224, 224);
        models.batchNorm(8, 17, 100, 100);
        models.batchNorm(64, 3, 16, 16);
        models.batchNorm(16, 64);
        models.batchNorm(4096, 1024);
        models.groupNorm(1, 64, 16, 16);
        models.groupNorm(8, 256, 7, 7);
        models.instanceNorm(4, 16, 16, 16);
        models.instanceNorm(1, 3, 1024, 1024);
        return List.copyOf(models.problems);
    }

    /** Channels-first shapes. */
    private void batchNorms() {
        long batch = 50;
        long[][] resNet50 =
                {{64, 112}, {64, 56}, {256, 56}, {128, 28}, {512, 28}, {256, 14}, {1024, 14}, {512, 7}, {2048, 7}};
        for (long[] stage : resNet50) {
            batchNorm(batch, stage[0], stage[1], stage[1]);
        }
        batchNorm(32, 64, 56, 56);
        // GoogLeNet v3, DenseNet-121 (one picture), audio, and the batch of a dense layer.
        batchNorm(96, 80, 73, 73);
        batchNorm(1, 128, 57, 57);
        batchNorm(4, 128, 15000);
        batchNorm(256, 1024);
    }

    private void rows() {
        // BERT, transformers of 512 and 384 tokens, Swin; then Llama: one token and prompts.
        layerNorm(256, 768);
        layerNorm(16 * 512, 1024);
        layerNorm(64 * 384, 1024);
        layerNorm(25088, 128);
        rmsNorm(1, 4096);
        rmsNorm(2048, 4096);
        rmsNorm(512, 8192);
    }

    private void grouped() {
        // Stable Diffusion: U-Net and autoencoder; then style transfer and a U-Net of volumes.
        groupNorm(2, 320, 96, 96);
        groupNorm(2, 640, 48, 48);
        groupNorm(2, 1280, 24, 24);
        groupNorm(1, 128, 768, 768);
        groupNorm(1, 512, 96, 96);
        instanceNorm(1, 32, 224, 224);
        instanceNorm(6, 256, 2, 28, 28);
    }

    private void batchNorm(long... shape) {
        bothLayouts(Operation.BATCH_NORM, 0, List.of(Pass.values()), shape);
    }

    private void groupNorm(long... shape) {
        bothLayouts(Operation.GROUP_NORM, GROUPS, List.of(Pass.FORWARD, Pass.BACKWARD), shape);
    }

    private void instanceNorm(long... shape) {
        bothLayouts(Operation.INSTANCE_NORM, 0, List.of(Pass.FORWARD, Pass.BACKWARD), shape);
    }

    private void layerNorm(long rows, long length) {
        rowwise(Operation.LAYER_NORM, rows, length);
    }

    private void rmsNorm(long rows, long length) {
        rowwise(Operation.RMS_NORM, rows, length);
    }

    private void rowwise(Operation operation, long rows, long length) {
        for (Pass pass : List.of(Pass.FORWARD, Pass.BACKWARD)) {
            problems.add(Workload.problem(operation, pass, TensorSpec.rows(rows, length), 0));
        }
    }

    private void bothLayouts(Operation operation, long groups, List<Pass> passes, long... first) {
        long[] last = first.clone();
        System.arraycopy(first, 2, last, 1, first.length - 2);
        last[last.length - 1] = first[1];
        for (Pass pass : passes) {
            problems.add(Workload.problem(operation, pass, TensorSpec.channelsFirst(first), groups));
            if (first.length > 2) {
                problems.add(Workload.problem(operation, pass, TensorSpec.channelsLast(last), groups));
            }
        }
    }
}
