package normkit.parts;

import normkit.tensor.TensorSpec;

/** Checks of numbers in descriptions. Each message names the number, what it was and what it must be. */
public final class Numbers {

    private Numbers() {
    }

    /**
     * Resolves an axis.
     *
     * @param name what the message calls it
     * @param axis index of an axis, or, if negative, counted from the last one, which is −1
     * @param spec the tensor
     * @return the index, 0 … rank − 1
     */
    public static int axis(String name, int axis, TensorSpec spec) {
        int index = axis < 0 ? axis + spec.rank() : axis;
        if (index < 0 || index >= spec.rank()) {
            throw new IllegalArgumentException(name + " is " + axis + "; it must be " + -spec.rank() + " to "
                    + (spec.rank() - 1) + " for a tensor of " + spec);
        }
        return index;
    }

    /**
     * Checks a number that is added to something that must not become negative.
     *
     * @param name what the message calls it
     * @param value the number
     * @return the number
     */
    public static double notNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be finite and at least 0");
        }
        return value;
    }
}
