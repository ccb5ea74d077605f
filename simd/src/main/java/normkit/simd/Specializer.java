package normkit.simd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes instances of loop classes. For every {@link Traits} a loop class is defined once more as a hidden class that has
 * them as class data and thus as constants; it lives as long as this class. Thread-safe.
 *
 * <p>With the system property {@value #PROPERTY} set to {@code false}, the classes run as they are, which is very slow:
 * the vectors of a species that is not a constant are objects. It is there to rule specialization out when in doubt.
 */
final class Specializer {

    /** The property that switches specialization off. */
    static final String PROPERTY = "normkit.specialize";

    private static final boolean ON = !"false".equals(System.getProperty(PROPERTY));

    private static final ConcurrentHashMap<Traits, MethodHandle> CONSTRUCTORS = new ConcurrentHashMap<>();

    private Specializer() {
    }

    /** Makes an instance of the loops for these traits. */
    static Loops loops(Traits traits) {
        if (!ON) {
            return new SpecialLoops(traits);
        }
        try {
            return (Loops) CONSTRUCTORS.computeIfAbsent(traits, Specializer::define).invokeExact(traits);
        } catch (Throwable e) {
            throw new AssertionError("the constructor of the loops failed", e);
        }
    }

    private static MethodHandle define(Traits traits) {
        try (InputStream in = SpecialLoops.class.getResourceAsStream("SpecialLoops.class")) {
            Lookup hidden = MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), traits, true);
            return hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class, Traits.class))
                    .asType(MethodType.methodType(Loops.class, Traits.class));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class file of the loops", e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot specialize the loops", e);
        }
    }

    /** The class data of a hidden class made here; null for a class that runs as it is. */
    static Traits traits(Lookup lookup) {
        try {
            return MethodHandles.classData(lookup, "_", Traits.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
