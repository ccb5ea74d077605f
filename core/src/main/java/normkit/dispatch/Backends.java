package normkit.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import normkit.spi.Availability;
import normkit.spi.Backend;

/**
 * The backends of this process, found once through {@link ServiceLoader} and probed once each, at first use. Thread-safe.
 */
public final class Backends {

    /** The system property that forces one backend for every plan that does not name one itself. */
    public static final String FORCE_PROPERTY = "normkit.backend";
    /** The environment variable that does the same; the property goes first. */
    public static final String FORCE_VARIABLE = "NORMKIT_BACKEND";

    /**
     * A backend and whether it can run here.
     *
     * @param backend the backend
     * @param availability available, or the reason why not
     */
    public record Probed(Backend backend, Availability availability) {

        /**
         * Tells whether it can run.
         *
         * @return true if available
         */
        public boolean available() {
            return availability instanceof Availability.Available;
        }
    }

    /** Loaded on first use, which keeps probing out of class initialization elsewhere. */
    private static final class Holder {
        static final List<String> FAILURES = new ArrayList<>();
        static final List<Probed> ALL = load();

        private static List<Probed> load() {
            List<Probed> found = new ArrayList<>();
            Iterator<Backend> providers = ServiceLoader.load(Backend.class, Backends.class.getClassLoader()).iterator();
            while (true) {
                // A provider may fail to link, for example without its module; the others must not suffer.
                try {
                    if (!providers.hasNext()) {
                        break;
                    }
                    Backend backend = providers.next();
                    found.add(new Probed(backend, backend.probe()));
                } catch (ServiceConfigurationError | LinkageError e) {
                    FAILURES.add(withRootCause(e));
                }
            }
            found.sort(Comparator.comparingInt((Probed p) -> p.backend().priority()).reversed());
            found.forEach(Holder::sayIfUnavailable);
            return List.copyOf(found);
        }

        /** Said once in a process, so that nobody misses a faster backend unaware. */
        private static void sayIfUnavailable(Probed probed) {
            if (probed.availability() instanceof Availability.Unavailable unavailable) {
                System.getLogger("normkit").log(System.Logger.Level.INFO, "backend {0} is not used: {1}",
                        probed.backend().name(), unavailable.reason());
            }
        }

        /** The loader's message names the provider, its root cause what is missing. */
        private static String withRootCause(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return root == failure ? failure.toString() : failure.getMessage() + ": " + root;
        }
    }

    private Backends() {
    }

    /**
     * Returns every backend that was found, the preferred first, available or not.
     *
     * @return an immutable list
     */
    public static List<Probed> all() {
        return Holder.ALL;
    }

    /**
     * Returns why providers could not even be loaded.
     *
     * @return one message each, empty if all could
     */
    public static List<String> failures() {
        return List.copyOf(Holder.FAILURES);
    }

    /**
     * Returns the backend with a name, available or not.
     *
     * @param name for example {@code scalar}
     * @return the backend
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     */
    public static Probed named(String name) {
        return all().stream().filter(p -> p.backend().name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no backend is named '" + name + "'; there are "
                        + all().stream().map(p -> p.backend().name()).toList()));
    }

    /**
     * Returns the name of the backend this process forces.
     *
     * @return the name, or null if none is forced
     */
    public static String forced() {
        String property = System.getProperty(FORCE_PROPERTY);
        String name = property != null ? property : System.getenv(FORCE_VARIABLE);
        return name == null || name.isBlank() || name.equals("auto") ? null : name;
    }
}
