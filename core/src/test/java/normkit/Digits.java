package normkit;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.SplittableRandom;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Arithmetic in many digits, for oracles, and data to try them on. */
public final class Digits {

    /** The precision. */
    public static final MathContext MANY = new MathContext(60);

    private Digits() {
    }

    /**
     * An element, exactly.
     *
     * @param tensor the tensor
     * @param i its index
     * @return its value
     */
    public static BigDecimal value(Tensor tensor, long i) {
        return new BigDecimal(tensor.get(i));
    }

    /**
     * A number, exactly.
     *
     * @param value the number
     * @return its value
     */
    public static BigDecimal of(double value) {
        return new BigDecimal(value);
    }

    /**
     * The sum of some elements.
     *
     * @param tensor the tensor
     * @param set their indices
     * @return the sum
     */
    public static BigDecimal sum(Tensor tensor, long[] set) {
        return Arrays.stream(set).mapToObj(i -> value(tensor, i)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /**
     * The mean of some elements.
     *
     * @param tensor the tensor
     * @param set their indices
     * @return the mean
     */
    public static BigDecimal mean(Tensor tensor, long[] set) {
        return sum(tensor, set).divide(of(set.length), MANY);
    }

    /**
     * The sum of the squares of some elements' distances from a centre.
     *
     * @param tensor the tensor
     * @param set their indices
     * @param centre the centre
     * @return the sum
     */
    public static BigDecimal squares(Tensor tensor, long[] set, BigDecimal centre) {
        return Arrays.stream(set).mapToObj(i -> value(tensor, i).subtract(centre).pow(2)).reduce(BigDecimal.ZERO,
                BigDecimal::add);
    }

    /**
     * The error of a result.
     *
     * @param type its type
     * @param actual the result
     * @param exact what it should be
     * @param magnitude what its last place is counted by
     * @return the error in units in the last place
     */
    public static double error(DataType type, double actual, BigDecimal exact, double magnitude) {
        return Exact.error(type, actual, exact, magnitude);
    }

    /**
     * Random numbers around a centre.
     *
     * @param spec the tensor
     * @param centre the centre
     * @param spread how far from it
     * @param seed for the same numbers again
     * @return a tensor on the heap
     */
    public static Tensor random(TensorSpec spec, double centre, double spread, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, centre + random.nextDouble(-spread, spread));
        }
        return tensor;
    }
}
