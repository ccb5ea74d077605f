package normkit;

import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Checks of tensors given to a plan. Each message names the argument, what it was and what it must be. */
final class Arguments {

    private Arguments() {
    }

    /** An argument that must be there. */
    static void require(String name, Tensor tensor, TensorSpec spec) {
        if (tensor == null) {
            throw new NullPointerException(name + " is null; it must be a tensor of " + spec);
        }
        requireSpec(name, tensor, spec);
    }

    /** An argument that may be null. */
    static void optional(String name, Tensor tensor, TensorSpec spec) {
        if (tensor != null) {
            requireSpec(name, tensor, spec);
        }
    }

    /** A parameter that must be there exactly if the description has it. */
    static void parameter(String name, Tensor tensor, TensorSpec spec, boolean present) {
        if (present) {
            require(name, tensor, spec);
        } else if (tensor != null) {
            throw new IllegalArgumentException(
                    name + " is " + tensor + ", but the description has no " + name + "; it must be null");
        }
    }

    /** The gradient of a parameter: may be null, and must be if the description does not have the parameter. */
    static void gradient(String name, Tensor tensor, TensorSpec spec, boolean present) {
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

    /** An output: writable memory. */
    static void output(String name, Tensor tensor) {
        if (tensor != null && tensor.segment() != null && tensor.segment().isReadOnly()) {
            throw new IllegalArgumentException(name + " is " + tensor + ", which is read-only; it must be writable");
        }
    }

    /** Two arguments that must not share memory. */
    static void apart(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps " + name + ", " + other
                    + "; they must not share memory");
        }
    }

    /** Two arguments that must be the same memory, for work in place, or not share any. */
    static void apartOrSame(String outputName, Tensor output, String name, Tensor other) {
        if (output != null && other != null && !output.sameMemory(other) && output.overlaps(other)) {
            throw new IllegalArgumentException(outputName + " is " + output + ", which overlaps part of " + name + ", "
                    + other + "; they must be exactly the same memory, for work in place, or not share any");
        }
    }
}
