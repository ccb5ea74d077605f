package normkit.bench.limits;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;

/** Chains of fused multiply-adds with no memory in between, as many side by side as it takes to hide their latency. */
interface Peak {

    /** Multiply-adds of vectors in one run, each chain one after another. */
    int ROUNDS = 1000;
    /** Chains side by side: latency 4 or 5, times two units, and few enough for 16 registers. */
    int CHAINS = 12;

    /** Runs all chains; returns something that depends on each of them. */
    double run();

    /** The floating-point operations of one run with vectors of so many elements; a multiply-add counts as two. */
    static long operations(int lanes) {
        return 2L * ROUNDS * CHAINS * lanes;
    }

    /**
     * Makes chains of vectors of one size.
     *
     * @param type {@code f32} or {@code f64}
     * @param bits size of a vector
     * @throws IllegalArgumentException if there is no such type
     * @throws IllegalStateException if the CPU has no such vectors
     */
    static Peak of(String type, int bits) {
        if (bits > VectorStream.BITS) {
            throw new IllegalStateException(
                    bits + "-bit vectors are not available; the largest have " + VectorStream.BITS + " bits");
        }
        return switch (type) {
            case "f32" -> specialized(FloatPeak.class, bits);
            case "f64" -> specialized(DoublePeak.class, bits);
            default -> throw new IllegalArgumentException("type is " + type + "; it must be f32 or f64");
        };
    }

    /** C2 needs the species as a constant, so each gets a class of its own. */
    private static Peak specialized(Class<? extends Peak> template, int bits) {
        try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
            Lookup hidden = MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), bits, true);
            return (Peak) hidden.lookupClass().getDeclaredConstructor().newInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class file of " + template, e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot specialize " + template, e);
        }
    }

    /** The size of vectors a hidden class is made for. */
    static int bits(Lookup hidden) {
        try {
            return MethodHandles.classData(hidden, "_", Integer.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
