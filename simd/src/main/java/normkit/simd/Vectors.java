package normkit.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import normkit.tensor.Tensor;

/**
 * What loops over runs and over columns do alike with vectors. What a loop knows at compile time, it passes as arguments,
 * which are constants here too once a call is inlined.
 *
 * <p>Where C2 does not inline a call, the vectors it takes or returns become objects, and a loop takes many times as long. It
 * decides so, for good, where a compilation has become too big, and where it thinks a call rare. Hence
 * <ul>
 * <li>a loop is in the class whose constants it needs, a template of {@link Specializer};
 * <li>a loop with many vectors is a method of more bytecode than C2 ever inlines (325 bytes), so that it is compiled by itself
 * whoever calls it;
 * <li>what such a loop calls is so small (35 bytes) that it is inlined even where the loop has hardly been run before it is
 * compiled;
 * <li>and it calls nothing itself but the JDK, whose methods on vectors are always inlined, and getters: how often a method
 * calls another is known only once it has run often enough in code that counts, which it need not have when a loop has;
 * <li>what C2 by itself compiles into much code (2,500 bytes, its InlineSmallCode), which it never inlines, is not here but
 * in each template: code for both types and all kinds of memory is far larger than for those one hidden class has met. Loads
 * would take up to 3,700 bytes here, and boxed every loop that was compiled after them; x̂ would take 2,100.
 * </ul>
 * Tests hold all this.
 */
final class Vectors {

    /** Vectors of doubles, and of floats, of the size in use. */
    static final VectorSpecies<Double> WIDE = VectorSpecies.of(double.class, VectorShape.forBitSize(VectorBits.get()));
    static final VectorSpecies<Float> NARROW = VectorSpecies.of(float.class, VectorShape.forBitSize(VectorBits.get()));
    /** Vectors of as many floats as those of doubles have doubles. */
    static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(VectorBits.get() / 2));

    private Vectors() {
    }

    @SuppressWarnings("unchecked")
    static <E> VectorSpecies<E> species(Traits t) {
        return (VectorSpecies<E>) t.species();
    }

    /** From an element to the next: in elements on the heap, off it in bytes. */
    static long unit(Traits t, boolean heap) {
        return heap ? 1 : t.bytes();
    }

    static <E> void store(Vector<E> v, boolean isFloat, Tensor t, long at) {
        if (isFloat) {
            ((FloatVector) v).intoArray(t.floats(), (int) at);
        } else {
            ((DoubleVector) v).intoArray(t.doubles(), (int) at);
        }
    }

    @SuppressWarnings("unchecked")
    static <E> Vector<E> splat(VectorSpecies<E> species, boolean isFloat, double value) {
        if (isFloat) {
            return (Vector<E>) FloatVector.broadcast((VectorSpecies<Float>) species, (float) value);
        }
        return (Vector<E>) DoubleVector.broadcast((VectorSpecies<Double>) species, value);
    }

    static <E> Vector<E> fma(Vector<E> a, Vector<E> b, Vector<E> c) {
        return a.lanewise(VectorOperators.FMA, b, c);
    }
}
