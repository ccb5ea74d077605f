package normkit.bench.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import normkit.bench.files.BadInputException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command. Without a subcommand it runs {@link MainJob}. Exit codes: 0 done, 1 failed, 2 wrong input. */
@Command(name = "normkit", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Normalization for the JVM: what runs on this machine, how right and how fast it is.%n"
        + "Without a command: checks every backend against the oracle and times it on the shapes of real "
        + "models.", subcommands = {Apply.class, Explain.class, Info.class, ConformanceCommand.class, Bench.class,
            Techniques.class, Tune.class, Regret.class, ReportCommand.class, JmhCommand.class})
public final class Normkit implements Callable<Integer> {

    private static final int WRONG_INPUT = 2;

    @Spec
    private CommandSpec spec;

    private Normkit() {
    }

    @Override
    public Integer call() {
        return new MainJob(spec.commandLine().getOut()).run();
    }

    /**
     * Runs a command line.
     *
     * @param args command and options
     * @return the exit code
     */
    public static int run(String... args) {
        PrintWriter out = new PrintWriter(System.out, true);
        int exitCode = commandLine().setOut(out).execute(args);
        // Only whole lines are flushed by themselves.
        out.flush();
        return exitCode;
    }

    /** The commands, ready to run; tests set where they print. */
    static CommandLine commandLine() {
        return new CommandLine(new Normkit()).setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> report(e.getCommandLine(), usage(e)))
                .setExecutionExceptionHandler(Normkit::failed);
    }

    private static String usage(ParameterException e) {
        return e.getMessage() + "; see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) throws Exception {
        if (e instanceof BadInputException) {
            return report(command, e.getMessage());
        }
        throw e;
    }

    /** Reports wrong input in one line, whatever the message. */
    private static int report(CommandLine command, String message) {
        command.getErr().println(command.getCommandName() + ": " + message.strip().replaceAll("\\s*\\R\\s*", " "));
        command.getErr().flush();
        return WRONG_INPUT;
    }
}
