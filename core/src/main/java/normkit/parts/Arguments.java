package normkit.parts;

import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Checks of tensors given to a plan. Each message names the argument, what it was and what it must be. */
public final class Arguments {

    private Arguments() {
    }

    /**
     * Checks an argument that must be there.
     *
     * @param name what the message calls it
     * @param tensor the argument
     * @param spec what it must be
     */
    public static void require(String name, Tensor tensor, TensorSpec spec) {
        if (tensor == null) {
            throw new NullPointerException(name + " is null; it must be a tensor of " + spec);
        }
        requireSpec(name, tensor, spec);
    }

    /**
     * Checks an argument that may be null.
     *
     * @param name what the message calls it
     * @param tensor the argument
     * @param spec what it must be if it is there
     */
    public static void optional(String name, Tensor tensor, TensorSpec spec) {
        if (tensor != null) {
            requireSpec(name, tensor, spec);
        }
    }

    /**
     * Checks a parameter that must be there exactly if the description has it.
     *
     * @param name what the message calls it
     * @param tensor the argument
     * @param spec what it must be
     * @param present whether the description has it
     */
    public static void parameter(String name, Tensor tensor, TensorSpec spec, boolean present) {
        if (present) {
            require(name, tensor, spec);
        } else if (tensor != null) {
            throw new IllegalArgumentException(
                    name + " is " + tensor + ", but the description has no " + name + "; it must be null");
        }
    }

    /**
     * Checks the gradient of a parameter: it may be null, and must be if the description does not have the parameter.
     *
     * @param name what the message calls it
     * @param tensor the argument
     * @param spec what it must be
     * @param present whether the description has the parameter
     */
    public static void gradient(String name, Tensor tensor, TensorSpec spec, boolean present) {
        if (present || tensor == null) {
            optional(name, tensor, spec);
        } else {
            throw new IllegalArgumentException(
                    name + " is " + tensor + ", but the description has no such parameter; it must be null");
        }
    }

    private static void requireSpec(String name, Tensor tensor, TensorSpec spec) {
        if (!tensor.spec().equals(spec)) {
            throw new IllegalArgumentException(name + " is " + tensor + "; it must be " + spec);
        }
        if (tensor.segment() != null) {
            requireAccess(name, tensor);
        }
    }

    private static void requireAccess(String name, Tensor tensor) {
        if (!tensor.segment().scope().isAlive()) {
            throw new IllegalStateException(name + " is " + tensor + ", whose arena is closed; it must be alive");
        }
        if (!tensor.segment().isAccessibleBy(Thread.currentThread())) {
            throw new IllegalStateException(name + " is " + tensor + ", which belongs to another thread; it must be "
                    + "accessible by " + Thread.currentThread().getName());
        }
    }

    /**
     * Checks that an output, if it is there, is writable memory.
     *
     * @param name what the message calls it
     * @param tensor the argument
     */
    public static void output(String name, Tensor tensor) {
        if (tensor != null && tensor.segment() != null && tensor.segment().isReadOnly()) {
            throw new IllegalArgumentException(name + " is " + tensor + ", which is read-only; it must be writable");
        }
    }

    /**
     * Checks two arguments that must not share memory.
     *
     * @param outputName what the message calls the first
     * @param output the first, or null
     * @param name what the message calls the second
     * @param other the second, or null
     */
    public static void apart(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps " + name + ", " + other
                    + "; they must not share memory");
        }
    }

    /**
     * Checks two arguments that must be the same memory, for work in place, or not share any.
     *
     * @param outputName what the message calls the first
     * @param output the first, or null
     * @param name what the message calls the second
     * @param other the second, or null
     */
    public static void apartOrSame(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && !output.sameMemory(other) && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps part of " + name + ", "
                    + other + "; they must be exactly the same memory, for work in place, or not share any");
        }
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
