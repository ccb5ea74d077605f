package normkit.dispatch;

import java.util.Arrays;
import java.util.List;
import normkit.spi.Availability;
import normkit.spi.Backend;

/**
 * The backends of this process, found once through {@link java.util.ServiceLoader} and probed at most once each, when they
 * may be used or somebody asks. Thread-safe.
 */
public final class Backends {

    /** The system property that forces one backend for every plan that does not name one itself. */
    public static final String FORCE_PROPERTY = "normkit.backend";
    /** The environment variable that does the same; the property goes first. */
    public static final String FORCE_VARIABLE = "NORMKIT_BACKEND";
    /**
     * The system property that lists, separated by commas, backends without which nothing is planned: for builds that must
     * not run on a slower backend unnoticed.
     */
    public static final String REQUIRE_PROPERTY = "normkit.require";
    /** The environment variable that does the same; the property goes first. */
    public static final String REQUIRE_VARIABLE = "NORMKIT_REQUIRE";

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

    /** Loaded on first use, which keeps it out of class initialization elsewhere. */
    private static final class Holder {
        static final Roster ROSTER = Roster.load();
    }

    private Backends() {
    }

    static Roster roster() {
        return Holder.ROSTER;
    }

    /**
     * Probes every backend that was found and returns them, the preferred first, available or not.
     *
     * @return an immutable list
     */
    public static List<Probed> all() {
        return roster().all().stream().map(Backends::probed).toList();
    }

    private static Probed probed(Roster.Entry entry) {
        return new Probed(entry.backend(), entry.availability());
    }

    /**
     * Returns why providers could not even be loaded.
     *
     * @return one message each, empty if all could
     */
    public static List<String> failures() {
        return roster().failures();
    }

    /**
     * Probes the backend with a name and no other.
     *
     * @param name for example {@code scalar}
     * @return the backend, available or not
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     */
    public static Probed named(String name) {
        return probed(roster().named(name));
    }

    /**
     * Returns the name of the backend this process forces.
     *
     * @return the name, or null if none is forced
     */
    public static String forced() {
        String name = Settings.value(FORCE_PROPERTY, FORCE_VARIABLE);
        return name == null || name.equals("auto") ? null : name;
    }

    /**
     * Returns the names of the backends this process requires.
     *
     * @return names, usually none
     */
    public static List<String> required() {
        String names = Settings.value(REQUIRE_PROPERTY, REQUIRE_VARIABLE);
        return names == null
                ? List.of()
                : Arrays.stream(names.split(",")).map(String::strip).filter(name -> !name.isEmpty()).toList();
    }
}
