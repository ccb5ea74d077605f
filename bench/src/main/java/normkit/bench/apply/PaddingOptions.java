package normkit.bench.apply;

import java.nio.file.Path;
import normkit.bench.files.BadInputException;
import normkit.techniques.Positions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import picocli.CommandLine.Option;

/** Which positions of padded sequences are valid. */
final class PaddingOptions {

    @Option(names = "--lengths", paramLabel = "FILE", description = "x is padded sequences (ncx: NxCxL, nxc: NxLxC), of which the first so many positions count: N whole numbers")
    Path lengths;

    @Option(names = "--mask", paramLabel = "FILE", description = "instead of --lengths: NxL, 1 where a position counts and 0 where it is padding")
    Path mask;

    boolean given() {
        return lengths != null || mask != null;
    }

    /** An option, for messages. */
    String name() {
        return lengths != null ? "--lengths" : "--mask";
    }

    /**
     * Reads the positions.
     *
     * @throws BadInputException if both or wrong numbers are given
     */
    Positions positions(TensorSpec x, OperandFiles operands) {
        if (lengths != null && mask != null) {
            throw new BadInputException("--mask is instead of --lengths; only one of the two must be given");
        }
        int samples = (int) x.batch();
        int length = (int) x.spatial();
        return lengths != null ? lengths(samples, length, operands) : mask(samples, length, operands);
    }

    private static TensorSpec numbers(long... shape) {
        return TensorSpec.of(DataType.F64, Layout.ROWS, shape);
    }

    private Positions lengths(int samples, int length, OperandFiles operands) {
        Tensor numbers = operands.statistic("--lengths", lengths, numbers(samples));
        int[] whole = new int[samples];
        for (int n = 0; n < samples; n++) {
            whole[n] = (int) numbers.get(n);
            if (whole[n] != numbers.get(n) || whole[n] < 0 || whole[n] > length) {
                throw new BadInputException("--lengths " + lengths + " has " + numbers.get(n)
                        + "; it must have whole numbers from 0 to " + length);
            }
        }
        return Positions.lengths(length, whole);
    }

    private Positions mask(int samples, int length, OperandFiles operands) {
        Tensor numbers = operands.statistic("--mask", mask, numbers(samples, length));
        boolean[][] valid = new boolean[samples][length];
        for (int i = 0; i < samples * length; i++) {
            double number = numbers.get(i);
            if (number != 0 && number != 1) {
                throw new BadInputException("--mask " + mask + " has " + number + "; it must have zeros and ones");
            }
            valid[i / length][i % length] = number == 1;
        }
        return Positions.mask(valid);
    }
}
