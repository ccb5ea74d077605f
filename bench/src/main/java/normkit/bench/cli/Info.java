package normkit.bench.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import normkit.bench.run.Machine;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what runs here. */
@Command(name = "info", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Tells CPU, JVM and vector width, and each backend's state with the reason.")
final class Info implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Machine.here().facts().forEach((name, value) -> out.printf("%-10s %s%n", name, value));
        out.println("backends");
        for (Backends.Probed probed : Backends.all()) {
            out.printf("  %-11s %s%n", probed.backend().name(), state(probed.availability()));
        }
        Backends.failures().forEach(failure -> out.println("  could not be loaded: " + failure));
        if (Backends.forced() != null) {
            out.println("  forced by the environment: " + Backends.forced());
        }
        return 0;
    }

    private static String state(Availability availability) {
        return switch (availability) {
            case Availability.Available available -> "available: " + available.details();
            case Availability.Unavailable unavailable -> "not available: " + unavailable.reason();
        };
    }
}
