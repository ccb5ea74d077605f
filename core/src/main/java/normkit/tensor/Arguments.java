package normkit.tensor;

/**
 * Checks of tensors given to a plan. Each message names the argument, what it was and what it must be. All throw
 * {@link NullPointerException} for an argument that is missing, {@link IllegalStateException} for memory that is not alive
 * or belongs to another thread, and {@link IllegalArgumentException} for everything else.
 */
public final class Arguments {

    private Arguments() {
    }

    /**
     * Checks an argument that must be there.
     *
     * @param name its name
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
     * @param name its name
     * @param tensor the argument, or null
     * @param spec what it must be
     */
    public static void optional(String name, Tensor tensor, TensorSpec spec) {
        if (tensor != null) {
            requireSpec(name, tensor, spec);
        }
    }

    /**
     * Checks a parameter that must be there exactly if the description has it.
     *
     * @param name its name
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
     * @param name its name
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
     * Checks that an output is in writable memory.
     *
     * @param name its name
     * @param tensor the argument, or null
     */
    public static void output(String name, Tensor tensor) {
        if (tensor != null && tensor.readOnly()) {
            throw new IllegalArgumentException(name + " is " + tensor + ", which is read-only; it must be writable");
        }
    }

    /**
     * Checks that two arguments do not share memory.
     *
     * @param outputName name of the one that is written
     * @param output the one that is written, or null
     * @param name name of the other
     * @param other the other, or null
     */
    public static void apart(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps " + name + ", " + other
                    + "; they must not share memory");
        }
    }

    /**
     * Checks that two arguments are the same memory, for work in place, or do not share any.
     *
     * @param outputName name of the one that is written
     * @param output the one that is written, or null
     * @param name name of the other
     * @param other the other, or null
     */
    public static void apartOrSame(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && !output.sameMemory(other) && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps part of " + name + ", "
                    + other + "; they must be exactly the same memory, for work in place, or not share any");
        }
    }
}
