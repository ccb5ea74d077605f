package normkit.bench;

import java.lang.reflect.InvocationTargetException;

/**
 * The entry point. It is compiled for Java 8 and touches nothing newer, so that an older Java can run it far enough to
 * say what is wrong.
 */
public final class Main {

    private static final int OLDEST = 25;

    private Main() {
    }

    /**
     * Runs the command line.
     *
     * @param args command and options
     * @throws Throwable whatever the command line could not handle
     */
    public static void main(String[] args) throws Throwable {
        String version = System.getProperty("java.specification.version");
        if (Double.parseDouble(version) < OLDEST) {
            System.err.println("normkit needs Java " + OLDEST + " or newer; this is Java " + version + " at "
                    + System.getProperty("java.home"));
            System.exit(2);
        }
        try {
            Class.forName("normkit.bench.Launcher").getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
