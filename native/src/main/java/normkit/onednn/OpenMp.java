package normkit.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * The OpenMP runtime oneDNN runs on. Its number of threads is a setting of each calling thread, first taken from the
 * environment; normkit sets it to what a plan asks for around its own calls and puts it back, so that other users of the runtime keep
 * theirs.
 *
 * @param get {@code omp_get_max_threads}
 * @param set {@code omp_set_num_threads}
 */
record OpenMp(MethodHandle get, MethodHandle set) {

    /**
     * Finds the runtime.
     *
     * @param libraries what was loaded, oneDNN first: a lookup there also sees the runtime that oneDNN itself is bound
     *        to, which need not be the one bundled with it
     */
    static OpenMp find(Collection<Path> libraries) {
        return new OpenMp(function(libraries, "omp_get_max_threads", FunctionDescriptor.of(ValueLayout.JAVA_INT)),
                function(libraries, "omp_set_num_threads", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));
    }

    @SuppressWarnings("restricted") // Looking up and calling foreign functions is what this class is for.
    private static MethodHandle function(Collection<Path> libraries, String name, FunctionDescriptor type) {
        MemorySegment address =
                libraries.stream().map(library -> SymbolLookup.libraryLookup(library, Arena.global()).find(name))
                        .flatMap(Optional::stream).findFirst().orElseThrow(() -> new IllegalStateException(
                                "no " + name + " in " + libraries + ", so that oneDNN cannot be kept to one thread"));
        return Linker.nativeLinker().downcallHandle(address, type);
    }

    /** Sets the number of threads of the calling thread's OpenMP regions; returns what {@link #restore} takes. */
    int use(int threads) {
        try {
            int before = (int) get.invokeExact();
            if (before != threads) {
                set.invokeExact(threads);
            }
            return before;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Puts the calling thread's setting back. */
    void restore(int before, int used) {
        if (before == used) {
            return;
        }
        try {
            set.invokeExact(before);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
