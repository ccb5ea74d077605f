package normkit.bench.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one operation on files. */
@Command(name = "apply", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false, sortSynopsis = false, description = "Runs an operation on NumPy .npy files (f2, f4 or f8 in any order). Writes y, mean and rstd, or "
        + "dx, dscale and dshift, and running_mean and running_var as they apply. f2 is computed as f32. If a "
        + "file or an option is wrong, nothing is written.")
final class Apply implements Callable<Integer> {

    @Mixin
    private ProblemOptions options;

    @Mixin
    private FileOptions files;

    @Mixin
    private BatchOptions batch;

    @Mixin
    private TechniqueOptions techniques;

    @Override
    public Integer call() {
        Outputs.requireDirectory(files.out);
        try (Outputs outputs = new Outputs()) {
            try (Arena arena = Arena.ofShared()) {
                Technique technique = options.technique();
                TensorFile x = Picture.is(files.x)
                        ? Picture.read(files.x, technique == null ? options.layout() : technique.layout(options), arena)
                        : TensorFile.read(files.x, arena);
                Results results = technique == null
                        ? new Application(options, files, batch, x, arena).run()
                        : new TechniqueRun(options, files, techniques, x, arena).run();
                results.tensors().forEach((name, tensor) -> outputs.add(files.out.resolve(name + ".npy"), file -> {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        TensorFile.write(tensor, x.element(), channel);
                    }
                }));
                if (files.png != null) {
                    outputs.add(files.png, file -> writePicture(results, file));
                }
            }
            outputs.commit();
        } catch (IllegalArgumentException | IllegalStateException e) {
            // The library refuses what does not fit together; the user's files and options are all there is to it.
            throw new BadInputException(e.getMessage(), e);
        }
        return 0;
    }

    private static void writePicture(Results results, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            Picture.write(results.tensors().get("y"), out);
        }
    }
}
