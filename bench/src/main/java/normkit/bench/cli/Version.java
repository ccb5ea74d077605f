package normkit.bench.cli;

import normkit.bench.run.Build;
import picocli.CommandLine.IVersionProvider;

/** The version that was built. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"normkit " + Build.here().version()};
    }
}
