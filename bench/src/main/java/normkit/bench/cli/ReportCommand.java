package normkit.bench.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import normkit.bench.report.HtmlReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a page of a result of the benchmarks. */
@Command(name = "report", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Makes normkit.html, a page with a summary, plots and tables, of what bench --json wrote.")
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JSON", description = "a result of bench --json")
    private Path json;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "where the page goes")
    private Path directory;

    @Option(names = "--images", description = "also writes the two most telling plots as images: ratio-to-copy.svg and accuracy.svg")
    private boolean images;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Path> files =
                images ? HtmlReport.writeWithImages(json, directory) : List.of(HtmlReport.write(json, directory));
        files.forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
