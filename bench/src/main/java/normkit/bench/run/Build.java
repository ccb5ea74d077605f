package normkit.bench.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What was built.
 *
 * @param version version of the library
 * @param commit the commit, with {@code -modified} after it if files differed; {@code unknown} outside a repository
 */
public record Build(String version, String commit) {

    /**
     * Returns what was built.
     *
     * @return version and commit of this build
     */
    public static Build here() {
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return new Build(properties.getProperty("version"), properties.getProperty("commit"));
        } catch (IOException e) {
            throw new UncheckedIOException("build.properties cannot be read", e);
        }
    }
}
