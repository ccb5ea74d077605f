package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import normkit.bench.files.BadInputException;
import normkit.bench.files.TensorFile;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Reads the operands that go with x. */
final class OperandFile {

    private OperandFile() {
    }

    /**
     * Reads an operand of a given shape and at most as wide as a type, so that nothing is rounded; null for no file.
     */
    static Tensor read(String option, Path file, TensorSpec spec, DataType widest, Arena arena) {
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
}
