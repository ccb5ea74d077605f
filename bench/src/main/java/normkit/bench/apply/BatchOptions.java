package normkit.bench.apply;

import normkit.BatchNorm;
import normkit.BatchNorm.RunningVariance;
import normkit.BatchNorm.SingleValue;
import normkit.Momentum;
import normkit.bench.files.BadInputException;
import picocli.CommandLine.Option;

/** The conventions of running statistics; batch norm's are PyTorch's by default, techniques have their own. */
final class BatchOptions {

    /** How running statistics go on. */
    static final String MOMENTUM = "--momentum --momentum-of-old --cumulative --batches";
    /** Running statistics, and how they go on. */
    static final String RUNNING = "--running-mean --running-var " + MOMENTUM;

    private static final double DEFAULT_MOMENTUM = 0.1;

    @Option(names = "--momentum", paramLabel = "M", description = "weight of the new batch in the running statistics, 0 to 1 (default: 0.1; batch_layer_norm: --cumulative)")
    private Double momentum;

    @Option(names = "--momentum-of-old", description = "--momentum is the weight of the old value, as in ONNX and Keras")
    private boolean ofOld;

    @Option(names = "--cumulative", description = "running statistics are the average of all batches; see --batches")
    private boolean cumulative;

    @Option(names = "--batches", paramLabel = "N", defaultValue = "0", description = "batches the running statistics have seen (default: 0)")
    private long batches;

    @Option(names = "--running-variance", paramLabel = "V", description = "what the running variance collects: unbiased (PyTorch) or biased (ONNX, Keras) (default: unbiased; switchable_norm: biased)")
    private RunningVariance runningVariance;

    @Option(names = "--single-value", paramLabel = "V", defaultValue = "reject", description = "training with one value per channel: reject (PyTorch) or allow")
    private SingleValue singleValue;

    /** Refuses what is out of range, whether it will be read or not. */
    void requireInRange() {
        if (momentum != null && !(momentum >= 0 && momentum <= 1)) {
            throw new BadInputException("--momentum is " + momentum + "; it must be 0 to 1");
        }
        if (batches < 0) {
            throw new BadInputException("--batches is " + batches + "; it must be at least 0");
        }
    }

    /** Batch norm with these. */
    BatchNorm conventions() {
        BatchNorm norm = Run.with(BatchNorm.create(), momentum(), BatchNorm::momentum);
        return Run.with(norm, runningVariance, BatchNorm::runningVariance).singleValue(singleValue);
    }

    /** The weight of a batch, or null if nothing is given. */
    Momentum momentum() {
        if (cumulative) {
            return Momentum.cumulativeAverage();
        }
        double weight = momentum == null ? DEFAULT_MOMENTUM : momentum;
        if (ofOld) {
            return Momentum.ofOld(weight);
        }
        return momentum == null ? null : Momentum.ofNew(weight);
    }

    /** What the running variance collects, or null if nothing is given. */
    RunningVariance runningVariance() {
        return runningVariance;
    }

    boolean rejectsSingleValue() {
        return singleValue == SingleValue.REJECT;
    }

    long batches() {
        return batches;
    }
}
