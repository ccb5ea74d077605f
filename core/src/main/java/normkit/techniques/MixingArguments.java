package normkit.techniques;

import java.util.Arrays;
import normkit.tensor.Arguments;
import normkit.tensor.DataType;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The arguments of one execution, gathered so that each that is written can be checked against all others. Data that is
 * written may be exactly data that is read, for work in place; nothing else may share memory. Reused, so that a check
 * allocates nothing; serves one execution at a time.
 */
final class MixingArguments {

    private static final int MOST = 16;

    /** Whose statistics they are. */
    enum Names {
        OWN("statistics", "mean", "variance"), RUNNING("running statistics", "running mean",
                "running variance"), CONTENT("statistics of the content", "mean of the content",
                        "variance of the content"), STYLE("statistics of the style", "mean of the style",
                                "variance of the style");

        private final String statistics;
        private final String mean;
        private final String variance;

        Names(String statistics, String mean, String variance) {
            this.statistics = statistics;
            this.mean = mean;
            this.variance = variance;
        }
    }

    private final String[] names = new String[MOST];
    private final Tensor[] tensors = new Tensor[MOST];
    private final boolean[] written = new boolean[MOST];
    private final boolean[] replaceable = new boolean[MOST];
    private int count;

    /** Data that is read, and that an output of the same spec may replace. */
    void data(String name, Tensor tensor, TensorSpec spec) {
        Arguments.require(name, tensor, spec);
        add(name, tensor, false, true);
    }

    /** Data that is read, and must stay. */
    void lasting(String name, Tensor tensor, TensorSpec spec) {
        Arguments.require(name, tensor, spec);
        add(name, tensor, false, false);
    }

    /** Data that is written. */
    void result(String name, Tensor tensor, TensorSpec spec) {
        Arguments.require(name, tensor, spec);
        add(name, tensor, true, true);
    }

    /** Data that is written if it is there. */
    void optionalResult(String name, Tensor tensor, TensorSpec spec) {
        Arguments.optional(name, tensor, spec);
        add(name, tensor, true, true);
    }

    /** A parameter, which must be there exactly if the description has it. */
    void parameter(String name, Tensor tensor, TensorSpec spec, boolean present) {
        Arguments.parameter(name, tensor, spec, present);
        add(name, tensor, false, false);
    }

    /** The gradient of a parameter, which may be null. */
    void gradient(String name, Tensor tensor, TensorSpec spec, boolean present) {
        Arguments.gradient(name, tensor, spec, present);
        add(name, tensor, true, false);
    }

    /** A mean and a variance that are read. */
    void statistics(Names of, Statistics given, TensorSpec spec, TensorSpec wide) {
        requireStatistics(of, given);
        Arguments.require(of.mean, given.mean(), wide(given.mean()) ? wide : spec);
        Arguments.require(of.variance, given.variance(), wide(given.variance()) ? wide : spec);
        add(of.mean, given.mean(), false, false);
        add(of.variance, given.variance(), false, false);
    }

    /** A mean and a variance that are written where they are there. */
    void save(Names of, Statistics save, TensorSpec spec, TensorSpec wide) {
        requireStatistics(of, save);
        Arguments.optional(of.mean, save.mean(), wide(save.mean()) ? wide : spec);
        Arguments.optional(of.variance, save.variance(), wide(save.variance()) ? wide : spec);
        add(of.mean, save.mean(), true, false);
        add(of.variance, save.variance(), true, false);
    }

    private static void requireStatistics(Names of, Statistics statistics) {
        if (statistics == null) {
            throw new NullPointerException(of.statistics + " is null; it must be Statistics with mean and variance");
        }
        if (statistics.rstd() != null) {
            throw new IllegalArgumentException(of.statistics + " has an rstd, " + statistics.rstd()
                    + "; it must be null, because this technique works with mean and variance");
        }
    }

    private static boolean wide(Tensor tensor) {
        return tensor != null && tensor.spec().type() == DataType.F64;
    }

    private void add(String name, Tensor tensor, boolean writes, boolean data) {
        if (tensor != null) {
            names[count] = name;
            tensors[count] = tensor;
            written[count] = writes;
            replaceable[count] = data;
            count++;
        }
    }

    /** Checks that outputs are writable and share no memory they must not share, and forgets all arguments. */
    void verify() {
        for (int i = 0; i < count; i++) {
            if (written[i]) {
                Arguments.output(names[i], tensors[i]);
                for (int j = 0; j < count; j++) {
                    // Of two outputs, the later one is compared.
                    if (!written[j] || j < i) {
                        apart(i, j);
                    }
                }
            }
        }
        Arrays.fill(tensors, 0, count, null);
        count = 0;
    }

    private void apart(int i, int j) {
        if (replaceable[i] && replaceable[j] && !written[j]) {
            Arguments.apartOrSame(names[i], tensors[i], names[j], tensors[j]);
        } else {
            Arguments.apart(names[i], tensors[i], names[j], tensors[j]);
        }
    }
}
