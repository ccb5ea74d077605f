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
 * Makes instances of loop classes. For every {@link Traits} a template is defined once more as a hidden class that has them as
 * class data and thus as constants; it lives as long as this class. Thread-safe.
 *
 * <p>With the system property {@value #PROPERTY} set to {@code false}, the templates run as they are, which is very slow:
 * the vectors of a species that is not a constant are objects. It is there to rule specialization out when in doubt.
 */
final class Specializer {

    /** The property that switches specialization off. */
    static final String PROPERTY = "normkit.specialize";

    private static final boolean ON = !"false".equals(System.getProperty(PROPERTY));

    private static final ConcurrentHashMap<Key, MethodHandle> CONSTRUCTORS = new ConcurrentHashMap<>();

    private record Key(Class<?> template, Traits traits) {}

    private Specializer() {
    }

    /**
     * Makes an instance of the loops for these traits.
     *
     * @param template a direct subclass of L, which a hidden class made from it is as well
     */
    @SuppressWarnings("unchecked")
    static <L> L loops(Class<? extends L> template, Traits traits) {
        try {
            MethodHandle constructor = CONSTRUCTORS.computeIfAbsent(new Key(template, traits), Specializer::define);
            return (L) (Object) constructor.invokeExact(traits);
        } catch (Throwable e) {
            throw new AssertionError("the constructor of the loops failed", e);
        }
    }

    private static MethodHandle define(Key key) {
        Lookup own = MethodHandles.lookup();
        try {
            Lookup loops = ON ? own.defineHiddenClassWithClassData(bytes(key.template), key.traits, true) : own;
            return loops
                    .findConstructor(ON ? loops.lookupClass() : key.template,
                            MethodType.methodType(void.class, Traits.class))
                    .asType(MethodType.methodType(Object.class, Traits.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot specialize the loops", e);
        }
    }

    private static byte[] bytes(Class<?> template) {
        try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class file of the loops", e);
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
