package normkit.bench.cli;

import normkit.BatchNorm;
import normkit.BatchNorm.RunningVariance;
import normkit.BatchNorm.SingleValue;
import normkit.Momentum;
import normkit.bench.files.BadInputException;
import picocli.CommandLine.Option;

/** The conventions of batch norm in training, PyTorch's by default. */
final class BatchOptions {

    @Option(names = "--momentum", paramLabel = "M", defaultValue = "0.1", description = "weight of the new batch in the running statistics, 0 to 1 (default: 0.1)")
    private double momentum;

    @Option(names = "--momentum-of-old", description = "--momentum is the weight of the old value, as in ONNX and Keras")
    private boolean ofOld;

    @Option(names = "--cumulative", description = "running statistics are the average of all batches; see --batches")
    private boolean cumulative;

    @Option(names = "--batches", paramLabel = "N", defaultValue = "0", description = "batches the running statistics have seen (default: 0)")
    private long batches;

    @Option(names = "--running-variance", paramLabel = "V", defaultValue = "unbiased", description = "what the running variance collects: unbiased (PyTorch) or biased (ONNX, Keras)")
    private RunningVariance runningVariance;

    @Option(names = "--single-value", paramLabel = "V", defaultValue = "reject", description = "training with one value per channel: reject (PyTorch) or allow")
    private SingleValue singleValue;

    BatchNorm conventions() {
        return BatchNorm.create().momentum(momentum()).runningVariance(runningVariance).singleValue(singleValue);
    }

    Momentum momentum() {
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new BadInputException("--momentum is " + momentum + "; it must be 0 to 1");
        }
        if (cumulative) {
            return Momentum.cumulativeAverage();
        }
        return ofOld ? Momentum.ofOld(momentum) : Momentum.ofNew(momentum);
    }

    RunningVariance runningVariance() {
        return runningVariance;
    }

    boolean rejectsSingleValue() {
        return singleValue == SingleValue.REJECT;
    }

    long batches() {
        if (batches < 0) {
            throw new BadInputException("--batches is " + batches + "; it must be at least 0");
        }
        return batches;
    }
}
