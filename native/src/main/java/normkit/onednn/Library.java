package normkit.onednn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/**
 * The oneDNN library of this process: loaded at first use, at most once, and never unloaded.
 *
 * @param engine the CPU engine, shared by everything
 * @param openMp the threading runtime
 * @param alignment bytes to which tensors must be aligned to be used where they are
 * @param details version, instruction set and origin, in words for a person
 */
record Library(dnnl_engine engine, OpenMp openMp, int alignment, String details) {

    /** Loads in its initializer, which the JVM runs once whatever the number of threads. */
    private static final class Holder {
        static final Library LIBRARY;
        static final String FAILURE;

        static {
            Library library = null;
            String failure = null;
            try {
                library = load();
            } catch (RuntimeException | LinkageError e) {
                failure = LoadFailure.describe(e);
            }
            LIBRARY = library;
            FAILURE = failure;
        }
    }

    /** Returns why the library could not be loaded, or null if it could. */
    static String failure() {
        return Holder.FAILURE;
    }

    /** Returns the library, or null if it could not be loaded. */
    static Library get() {
        return Holder.LIBRARY;
    }

    private static Library load() {
        Loader.load(dnnl.class);
        Collection<Path> libraries = loaded();
        Isa.applyCap();
        OpenMp openMp = OpenMp.find(libraries);
        dnnl_engine engine = new dnnl_engine();
        Status.check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "create the CPU engine");
        dnnl_version_t version = dnnl.dnnl_version();
        String details = "oneDNN " + version.major() + "." + version.minor() + "." + version.patch()
                + ", instruction set " + Isa.effective() + ", from " + libraries.iterator().next();
        return new Library(engine, openMp, Isa.operandAlignment(), details);
    }

    /** The files that were loaded, oneDNN's own first. */
    private static List<Path> loaded() {
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> library : Loader.getLoadedLibraries().entrySet()) {
            Path file = Path.of(library.getValue());
            files.add(library.getKey().startsWith("dnnl") ? 0 : files.size(), file);
        }
        return files;
    }
}
