package normkit.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import normkit.spi.Availability;
import normkit.spi.Backend;

/** Backends that were found, the preferred first, each probed when somebody first needs to know. Thread-safe. */
final class Roster {

    private final List<Entry> all;
    private final List<Entry> entries;
    private final List<String> failures;

    Roster(List<Backend> backends, List<String> failures) {
        this.all = backends.stream().sorted(Comparator.comparingInt(Backend::priority).reversed()).map(Entry::new)
                .toList();
        this.entries = all.stream().filter(entry -> !entry.backend().onlyByName()).toList();
        this.failures = List.copyOf(failures);
    }

    /** A backend, and whether it can run here once that is known. */
    static final class Entry {

        private final Backend backend;
        private volatile Availability availability;

        private Entry(Backend backend) {
            this.backend = backend;
        }

        Backend backend() {
            return backend;
        }

        String name() {
            return backend.name();
        }

        boolean probed() {
            return availability != null;
        }

        /** Probes, once. */
        Availability availability() {
            if (availability == null) {
                probe();
            }
            return availability;
        }

        private synchronized void probe() {
            if (availability == null) {
                Availability found = backend.probe();
                // Said so that nobody misses a faster backend unaware.
                if (found instanceof Availability.Unavailable unavailable) {
                    Messages.once(System.Logger.Level.INFO,
                            "backend " + name() + " is not used: " + unavailable.reason());
                }
                availability = found;
            }
        }
    }

    /** Asks the service loader; a provider that fails to link must not harm the others. */
    static Roster load() {
        List<Backend> found = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        Iterator<Backend> providers = ServiceLoader.load(Backend.class, Roster.class.getClassLoader()).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return new Roster(found, failures);
                }
                found.add(providers.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                failures.add(withRootCause(e));
            }
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

    /** Everyone, including those that run only by name. */
    List<Entry> all() {
        return all;
    }

    /** Those among whom a planner may choose. */
    List<Entry> entries() {
        return entries;
    }

    List<String> failures() {
        return failures;
    }

    Entry named(String name) {
        return all.stream().filter(e -> e.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no backend is named '" + name + "'; there are " + all.stream().map(Entry::name).toList()));
    }
}
