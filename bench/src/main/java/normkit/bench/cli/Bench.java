package normkit.bench.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares two runs of the benchmarks. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Compares two results of jmh -rf json: time ratios of the second to the first, with the bounds their 99.9 %% confidence intervals leave.")
final class Bench implements Callable<Integer> {

    @Option(names = "--compare", arity = "2", required = true, paramLabel = "FILE", description = "the run before and the run after")
    private Path[] files;

    @Option(names = "--fail-on-regression", description = "exit code 1 if a benchmark got slower beyond noise")
    private boolean strict;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Comparison comparison = new Comparison(files[0], files[1]);
        spec.commandLine().getOut().print(comparison);
        return strict && comparison.regressions() > 0 ? 1 : 0;
    }
}
