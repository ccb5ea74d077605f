package normkit.bench.cli;

import java.util.LinkedHashSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import normkit.bench.apply.Application;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** Runs one operation or technique on files. */
@Command(name = "apply", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false, sortSynopsis = false, description = "Runs an operation or a technique on NumPy .npy files (f2, f4 or f8 in any order). Writes y, "
        + "statistics and what else there is, or dx and the gradients of parameters. f2 is computed as f32. If a "
        + "file or an option is wrong, nothing is written.")
final class Apply implements Callable<Integer> {

    @Mixin
    private Application application;

    private CommandSpec spec;

    @Spec
    private void spec(CommandSpec itself) {
        spec = itself;
        spec.usageMessage().footer(Application.optionsOfTechniques());
    }

    @Override
    public Integer call() {
        application.run(spec.commandLine().getParseResult().matchedOptions().stream().map(OptionSpec::longestName)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
        return 0;
    }
}
