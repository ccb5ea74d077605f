package normkit.bench.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import normkit.bench.console.Progress;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.run.Machine;
import normkit.conformance.Case;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds backends against the oracle. */
@Command(name = "conformance", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "Holds every backend against the oracle. Exit code 1 if any result is wrong.")
final class ConformanceCommand implements Callable<Integer> {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeSpecialFloatingPointValues().create();

    @Option(names = "--backend", paramLabel = "NAME", description = "only this backend (default: all that are available, peers to compare with excepted)")
    private String backend;

    @Option(names = "--quick", description = "the short list of cases")
    private boolean quick;

    @Option(names = "--case", paramLabel = "NAME", description = "only the case of this name, as failures give it")
    private String caseName;

    @Option(names = "--json", paramLabel = "FILE", description = "also writes the reports as JSON")
    private Path json;

    @Spec
    private CommandSpec spec;

    /** What the JSON file holds. */
    private record Document(Machine machine, List<Report> reports) {}

    @Override
    public Integer call() {
        if (json != null) {
            Outputs.requireDirectory(json.toAbsolutePath().getParent());
        }
        Conformance conformance = conformance();
        List<Report> reports = new ArrayList<>();
        for (Backends.Probed probed : backends()) {
            Report report = run(conformance, probed);
            spec.commandLine().getOut().println(report.text());
            reports.add(report);
        }
        if (json != null) {
            write(new Document(Machine.here(), reports));
        }
        return reports.stream().allMatch(Report::clean) ? 0 : 1;
    }

    private Conformance conformance() {
        if (caseName == null) {
            return quick ? Conformance.quick() : Conformance.full();
        }
        try {
            String name = Case.parse(caseName).name();
            Conformance one = Conformance.full().only(c -> c.name().equals(name));
            if (one.cases().isEmpty()) {
                throw new BadInputException(
                        "--case is " + caseName + "; it must be the name of a case, as failures give it");
            }
            return one;
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--case: " + e.getMessage(), e);
        }
    }

    private List<Backends.Probed> backends() {
        if (backend == null) {
            return Backends.all().stream().filter(p -> p.available() && !p.backend().onlyByName()).toList();
        }
        try {
            Backends.Probed probed = Backends.named(backend);
            if (probed.availability() instanceof Availability.Unavailable unavailable) {
                throw new BadInputException("--backend " + backend + " is not available: " + unavailable.reason());
            }
            return List.of(probed);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--backend: " + e.getMessage(), e);
        }
    }

    private static Report run(Conformance conformance, Backends.Probed probed) {
        long start = System.nanoTime();
        try (Progress progress = new Progress()) {
            return conformance.tolerance(Bounds.of(probed.backend())).run(probed.backend(),
                    (done, of) -> progress.show(probed.backend().name() + ": " + done + " of " + of + " cases",
                            Progress.left(start, done, of)));
        }
    }

    private void write(Document document) {
        try (Outputs outputs = new Outputs()) {
            outputs.add(json, file -> Files.writeString(file, GSON.toJson(document)));
            outputs.commit();
        }
    }
}
