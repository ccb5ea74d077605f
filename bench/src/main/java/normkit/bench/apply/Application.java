package normkit.bench.apply;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import normkit.tensor.Layout;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** All {@code apply} is asked for: reads x, computes, and writes the results. */
public final class Application {

    @Parameters(index = "0", paramLabel = "OP", converter = ApplicableConverter.class, completionCandidates = ApplicableConverter.class, description = "${COMPLETION-CANDIDATES}")
    private Applicable applicable;

    @Mixin
    private Options options;

    /** Nothing given yet. */
    public Application() {
    }

    /**
     * Runs. If anything is wrong, nothing is written.
     *
     * @param given names of the options the user gives
     * @throws BadInputException if a file or an option is wrong or does not belong here
     */
    public void run(Set<String> given) {
        requireUseful(given);
        Outputs.requireDirectory(options.files.out);
        try (Outputs outputs = new Outputs()) {
            try (Arena arena = Arena.ofShared()) {
                Layout layout = options.problem.layout(applicable.layout());
                TensorFile x = Picture.readAny(options.files.x, layout, arena);
                Run run = new Run(applicable.label(), given, options, x.tensor(layout), arena);
                write(applicable.apply(run), x, outputs);
            }
            outputs.commit();
        } catch (IllegalArgumentException | IllegalStateException e) {
            // The library refuses what does not fit together; the user's files and options are all there is to it.
            throw new BadInputException(e.getMessage(), e);
        }
    }

    /**
     * Tells whether a name is known.
     *
     * @param name a name
     * @return whether it is the name of an operation or a technique
     */
    public static boolean knows(String name) {
        return Applicable.all().anyMatch(known -> known.label().equals(name));
    }

    /**
     * Tells which technique reads which options.
     *
     * @return lines for help
     */
    public static String[] optionsOfTechniques() {
        return Stream.concat(
                Stream.of("What techniques read beside " + String.join(", ", new TreeSet<>(Applicable.COMMON)) + ":"),
                Stream.of(Technique.values())
                        .map(technique -> "  " + technique.label() + ": "
                                + (technique.options().isEmpty() ? "nothing" : String.join(", ", technique.options()))))
                .toArray(String[]::new);
    }

    /** An option that would not be read is a misunderstanding, so it is an error. */
    private void requireUseful(Set<String> given) {
        for (String option : given) {
            if (!Applicable.COMMON.contains(option) && !applicable.options().contains(option)) {
                throw new BadInputException(option + " is not for " + applicable.label());
            }
        }
    }

    private void write(Results results, TensorFile x, Outputs outputs) {
        results.tensors().forEach((name, tensor) -> outputs.add(options.files.out.resolve(name + ".npy"), file -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                TensorFile.write(tensor, x.element(), channel);
            }
        }));
        if (options.files.png != null) {
            outputs.add(options.files.png, file -> writePicture(results, file));
        }
    }

    private void writePicture(Results results, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            if (options.files.pixels) {
                Picture.writePixels(results.tensors().get("y"), out);
            } else {
                Picture.write(results.tensors().get("y"), out);
            }
        }
    }
}
