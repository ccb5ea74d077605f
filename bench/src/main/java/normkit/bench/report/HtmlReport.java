package normkit.bench.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;

/** Makes something to look at from what {@code bench --json} wrote. */
public final class HtmlReport {

    private static final String PAGE = "normkit.html";
    private static final String RATIOS = "ratio-to-copy.svg";
    private static final String ACCURACY = "accuracy.svg";
    private static final Set<String> TOLD = Set.of(Analysis.SUBJECT, "onednn", "libtorch");
    private static final Set<String> PASSES = Set.of("forward", "backward");
    private static final int OPERATIONS = 2;

    private HtmlReport() {
    }

    /**
     * Writes {@code normkit.html}: one file that loads nothing else, with a summary, plots and tables.
     *
     * @param json a result of {@code bench}
     * @param directory where the page goes; made if it is missing
     * @return the page
     * @throws BadInputException if the result cannot be read or is not one, or the page cannot be written; then nothing
     *         is
     */
    public static Path write(Path json, Path directory) {
        return write(json, directory, false).getFirst();
    }

    /**
     * Writes the page and, as far as the file has what they show, two images that stand alone and follow the reader's
     * colour scheme: {@code ratio-to-copy.svg}, simd beside oneDNN and libtorch on every shape, and
     * {@code accuracy.svg}, everybody's errors against the data's offset.
     *
     * @param json a result of {@code bench}
     * @param directory where the files go; made if it is missing
     * @return what was written, the page first
     * @throws BadInputException as {@link #write}
     */
    public static List<Path> writeWithImages(Path json, Path directory) {
        return write(json, directory, true);
    }

    private static List<Path> write(Path json, Path directory, boolean withImages) {
        Outputs.requireDirectory(directory);
        Analysis analysis = new Analysis(RunReader.read(json));
        Map<String, String> contents = new LinkedHashMap<>();
        contents.put(PAGE, Page.of(analysis));
        if (withImages) {
            contents.putAll(images(analysis));
        }
        List<Path> files = new ArrayList<>();
        try (Outputs outputs = new Outputs()) {
            contents.forEach((name, content) -> {
                files.add(directory.resolve(name));
                outputs.add(files.getLast(), temporary -> Files.writeString(temporary, content));
            });
            outputs.commit();
        }
        return files;
    }

    private static Map<String, String> images(Analysis analysis) {
        Map<String, String> images = new LinkedHashMap<>();
        List<Plot> ratios = ShapesSection.plots(analysis,
                row -> TOLD.contains(row.backend()) && PASSES.contains(row.problem().pass()));
        if (!ratios.isEmpty()) {
            images.put(RATIOS,
                    Image.of(analysis, "Time per shape in times of copying its tensor (1×); further left is faster",
                            analysis.backends().stream().filter(TOLD::contains).toList(), ratios));
        }
        List<Plot> errors = AccuracySection.plots(analysis, AccuracySection.common(analysis.run(), OPERATIONS));
        if (!errors.isEmpty()) {
            images.put(ACCURACY,
                    Image.of(analysis, "Largest error of y where the mean is large beside the standard deviation (1)",
                            analysis.backends().stream().filter(
                                    b -> analysis.run().accuracies().stream().anyMatch(a -> a.backend().equals(b)))
                                    .toList(),
                            errors));
        }
        return images;
    }
}
