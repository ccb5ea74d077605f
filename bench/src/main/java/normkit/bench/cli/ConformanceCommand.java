package normkit.bench.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import normkit.bench.console.Progress;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.run.Machine;
import normkit.conformance.Case;
import normkit.conformance.Conformance;
import normkit.conformance.Report;
import normkit.conformance.Tolerance;
import normkit.conformance.catalogue.Catalogue;
import normkit.conformance.catalogue.TechniqueCase;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;
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

    @Option(names = "--techniques", split = ",", paramLabel = "NAME", description = "only these techniques, or all for all of them and no operation (default: operations and techniques)")
    private List<String> techniques;

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
        Suite suite = suite();
        List<Report> reports = new ArrayList<>();
        for (Backends.Probed probed : backends()) {
            Report report = run(suite, probed);
            spec.commandLine().getOut().println(report.text());
            reports.add(report);
        }
        if (json != null) {
            write(new Document(Machine.here(), reports));
        }
        // Techniques with loops of their own are run on one backend only.
        boolean wrong = reports.stream().anyMatch(report -> !report.failures().isEmpty());
        return !wrong && reports.stream().anyMatch(Report::clean) ? 0 : 1;
    }

    /** Cases of operations, and of techniques. */
    private record Suite(Conformance operations, Catalogue techniques) {

        int size() {
            return operations.cases().size() + techniques.cases().size();
        }
    }

    private Suite suite() {
        if (caseName != null) {
            return one();
        }
        Suite all = quick
                ? new Suite(Conformance.quick(), Catalogue.quick())
                : new Suite(Conformance.full(), Catalogue.full());
        if (techniques == null) {
            return all;
        }
        Conformance none = Conformance.of(List.of());
        if (techniques.equals(List.of("all"))) {
            return new Suite(none, all.techniques());
        }
        for (String name : techniques) {
            if (!Catalogue.techniques().contains(name)) {
                throw new BadInputException("--techniques: " + name + " is none; it must be all, or some of "
                        + String.join(", ", Catalogue.techniques()));
            }
        }
        return new Suite(none, all.techniques().only(c -> techniques.contains(c.technique())));
    }

    private Suite one() {
        if (techniques != null) {
            throw new BadInputException("--techniques cannot go with --case, which names one case already");
        }
        try {
            if (Catalogue.techniques().contains(caseName.split(":")[0])) {
                return new Suite(Conformance.of(List.of()), Catalogue.of(List.of(TechniqueCase.parse(caseName))));
            }
            String name = Case.parse(caseName).name();
            Conformance one = Conformance.full().only(c -> c.name().equals(name));
            if (one.cases().isEmpty()) {
                throw new BadInputException(
                        "--case is " + caseName + "; it must be the name of a case, as failures give it");
            }
            return new Suite(one, Catalogue.of(List.of()));
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

    private static Report run(Suite suite, Backends.Probed probed) {
        Backend tried = probed.backend();
        Tolerance tolerance = Bounds.of(tried);
        long start = System.nanoTime();
        int operations = suite.operations().cases().size();
        try (Progress progress = new Progress()) {
            IntConsumer show = done -> progress.show(tried.name() + ": " + done + " of " + suite.size() + " cases",
                    Progress.left(start, done, suite.size()));
            Report ofOperations = suite.operations().tolerance(tolerance).run(tried, (done, of) -> show.accept(done));
            return ofOperations.and(suite.techniques().tolerance(tolerance).run(tried.name(),
                    (done, of) -> show.accept(operations + done)));
        }
    }

    private void write(Document document) {
        try (Outputs outputs = new Outputs()) {
            outputs.add(json, file -> Files.writeString(file, GSON.toJson(document)));
            outputs.commit();
        }
    }
}
