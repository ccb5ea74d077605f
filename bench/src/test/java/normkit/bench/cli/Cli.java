package normkit.bench.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine;

/** Runs the command line within the test, with paths relative to a directory. */
record Cli(int exitCode, String out, String err) {

    static Cli run(String... args) {
        return run(Normkit.commandLine(), args);
    }

    /** Runs a command that is made up in part. */
    static Cli run(CommandLine line, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        line.getOut().flush();
        line.getErr().flush();
        return new Cli(exitCode, out.toString(), err.toString());
    }

    /** Runs with every argument that ends like a file, and the one after {@code --out}, taken as within a directory. */
    static Cli runIn(Path directory, String... args) {
        String[] resolved = args.clone();
        for (int i = 0; i < args.length; i++) {
            boolean file = args[i].matches(".*\\.(npy|png|jpg|txt|json)") || i > 0 && args[i - 1].equals("--out");
            resolved[i] = file ? directory.resolve(args[i]).toString() : args[i];
        }
        return run(resolved);
    }

    @Override
    public String toString() {
        return "exit code " + exitCode + ", out: " + out + ", err: " + err;
    }

    static String[] words(String line) {
        return Arrays.stream(line.split(" ")).filter(word -> !word.isEmpty()).toArray(String[]::new);
    }
}
