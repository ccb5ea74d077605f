package normkit.bench.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import normkit.bench.files.BadInputException;
import normkit.bench.jmh.TechniqueBenchmark;
import normkit.bench.jmh.TimedTechnique;
import normkit.bench.run.Machine;
import normkit.bench.study.TechniqueCosts;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what every technique costs beside a copy. */
@Command(name = "techniques", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Times every technique, forward and backward, on the shape of a real model, and prints the times and their "
        + "ratios to a copy of the same tensor as a Markdown table. Each result is verified before it is timed.")
final class Techniques implements Callable<Integer> {

    private static final int MOST_FORKS = 1000;

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "only these techniques, such as weight_norm (default: all)")
    private List<String> only;

    @Option(names = "--backends", split = ",", paramLabel = "NAME", defaultValue = TechniqueBenchmark.AUTO, description = "a column each: auto, which the planner chooses, scalar or simd; techniques with loops of their own have auto alone (default: auto)")
    private List<String> backends;

    @Option(names = "--forks", paramLabel = "N", defaultValue = "3", description = "JVMs each row is measured in, one after another (default: 3)")
    private int forks;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (forks < 1 || forks > MOST_FORKS) {
            throw new BadInputException("--forks is " + forks + "; it must be 1 to " + MOST_FORKS);
        }
        backends.forEach(Techniques::requireUsable);
        TechniqueCosts costs = new TechniqueCosts(chosen(), backends.stream().distinct().toList(), forks);
        costs.run();
        PrintWriter out = spec.commandLine().getOut();
        List<String> facts = new ArrayList<>();
        Machine.here().facts().forEach((name, value) -> {
            if (!name.equals("features")) {
                facts.add(value);
            }
        });
        out.println(String.join("; ", facts) + "; " + forks + (forks == 1 ? " JVM" : " JVMs") + " per row");
        out.println();
        out.print(costs);
        costs.notes().forEach(out::println);
        out.flush();
        return costs.notes().isEmpty() ? 0 : 1;
    }

    private List<TimedTechnique> chosen() {
        if (only == null) {
            return List.of(TimedTechnique.values());
        }
        try {
            return only.stream().distinct().map(TimedTechnique::of).toList();
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--only: " + e.getMessage(), e);
        }
    }

    /** Techniques are made of kernels, which not every backend has. */
    private static void requireUsable(String name) {
        if (name.equals(TechniqueBenchmark.AUTO)) {
            return;
        }
        try {
            Backends.Probed probed = Backends.named(name);
            if (probed.availability() instanceof Availability.Unavailable unavailable) {
                throw new BadInputException("--backends: " + name + " is not available: " + unavailable.reason());
            }
            if (probed.backend().kernels().isEmpty()) {
                throw new BadInputException("--backends: " + name + " has no kernels for techniques");
            }
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--backends: " + e.getMessage(), e);
        }
    }
}
