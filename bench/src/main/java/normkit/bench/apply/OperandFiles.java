package normkit.bench.apply;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import normkit.bench.files.BadInputException;
import normkit.bench.files.TensorFile;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Reads what goes with x, and makes room for what comes out.
 *
 * @param x spec of x
 * @param arena owner of the memory
 */
record OperandFiles(TensorSpec x, Arena arena) {

    /** A parameter in x's type, or null for no file. */
    Tensor parameter(String option, Path file, TensorSpec spec) {
        return read(option, file, spec, x.type());
    }

    /** A parameter in x's type that is the same number everywhere if there is no file. */
    Tensor parameter(String option, Path file, TensorSpec spec, double otherwise) {
        return file == null ? filled(spec.as(x.type()), otherwise) : parameter(option, file, spec);
    }

    /** A statistic, or whatever is not of the type of x, in f64, or null for no file. */
    Tensor statistic(String option, Path file, TensorSpec spec) {
        return read(option, file, spec, DataType.F64);
    }

    /**
     * Reads an operand of a given shape and at most as wide as a type, so that nothing is rounded; null for no file.
     */
    private Tensor read(String option, Path file, TensorSpec spec, DataType widest) {
        if (file == null) {
            return null;
        }
        TensorFile operand = TensorFile.read(file, arena);
        if (!Arrays.equals(operand.shape(), spec.shape())) {
            throw new BadInputException(option + " " + file + " has shape " + TensorFile.text(operand.shape())
                    + "; it must be " + TensorFile.text(spec.shape()));
        }
        if (operand.type().bytes() > widest.bytes()) {
            throw new BadInputException(option + " " + file + " has type " + operand.element().label()
                    + "; it must be f4 or f2, since x is not f8");
        }
        return operand.as(spec.as(widest), arena);
    }

    /** A copy in f64. */
    Tensor copy(Tensor from) {
        Tensor copy = like(from.spec().as(DataType.F64));
        for (long i = 0; i < from.spec().elements(); i++) {
            copy.set(i, from.get(i));
        }
        return copy;
    }

    /** Zeros. */
    Tensor like(TensorSpec spec) {
        return Tensor.allocate(spec, arena);
    }

    private Tensor filled(TensorSpec spec, double value) {
        Tensor filled = like(spec);
        for (long i = 0; i < spec.elements(); i++) {
            filled.set(i, value);
        }
        return filled;
    }
}
