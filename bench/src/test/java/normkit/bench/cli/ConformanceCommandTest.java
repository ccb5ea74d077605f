package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import normkit.bench.WrongBackend;
import normkit.bench.WrongKernels;
import normkit.conformance.Conformance;
import normkit.conformance.catalogue.Catalogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceCommandTest {

    @TempDir
    Path directory;

    private JsonObject json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    private static int sum(JsonObject report, String field) {
        int sum = 0;
        for (JsonElement row : report.getAsJsonArray("rows")) {
            sum += row.getAsJsonObject().get(field).getAsInt();
        }
        return sum;
    }

    @Test
    void passesTheScalarBackend() throws IOException {
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--quick", "--backend", "scalar", "--json", file.toString());
        assertEquals(0, run.exitCode(), run.toString());
        assertFalse(run.out().isBlank());
        JsonObject document = json(file);
        String jvm = document.getAsJsonObject("machine").get("jvm").getAsString();
        assertTrue(jvm.contains(System.getProperty("java.vm.version")), jvm);
        JsonObject report = document.getAsJsonArray("reports").get(0).getAsJsonObject();
        assertEquals("scalar", report.get("backend").getAsString());
        assertTrue(sum(report, "cases") > 0);
        assertEquals(0, sum(report, "failures"));
        assertEquals(0, report.getAsJsonArray("failures").size());
    }

    @Test
    void failsAWrongBackend() throws IOException {
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--quick", "--backend", WrongBackend.NAME, "--json", file.toString());
        assertEquals(1, run.exitCode(), run.toString());
        JsonObject report = json(file).getAsJsonArray("reports").get(0).getAsJsonObject();
        assertTrue(sum(report, "failures") > 0);
        assertTrue(report.getAsJsonArray("failures").size() > 0);
    }

    @Test
    void runsOneCase() throws IOException {
        String name = Conformance.full().cases().getFirst().name();
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--backend", "scalar", "--case", name, "--json", file.toString());
        assertEquals(0, run.exitCode(), run.toString());
        assertEquals(1, sum(json(file).getAsJsonArray("reports").get(0).getAsJsonObject(), "cases"));
    }

    @Test
    void runsOneCaseOfATechnique() throws IOException {
        String name = Catalogue.full().cases().getFirst().name();
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--backend", "scalar", "--case", name, "--json", file.toString());
        assertEquals(0, run.exitCode(), run.toString());
        assertEquals(1, sum(json(file).getAsJsonArray("reports").get(0).getAsJsonObject(), "cases"));
    }

    @Test
    void operationsAndTechniquesAreInOneReport() throws IOException {
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--quick", "--backend", "scalar", "--json", file.toString());
        assertEquals(0, run.exitCode(), run.toString());
        JsonObject report = json(file).getAsJsonArray("reports").get(0).getAsJsonObject();
        List<String> subjects = report.getAsJsonArray("rows").asList().stream()
                .map(row -> row.getAsJsonObject().get("subject").getAsString()).toList();
        assertTrue(subjects.contains("layer_norm"), subjects.toString());
        assertTrue(subjects.containsAll(Catalogue.techniques()), subjects.toString());
    }

    @Test
    void runsTheTechniquesThatAreNamed() {
        Cli run = Cli.run("conformance", "--quick", "--techniques", "lp_norm,scale_norm");
        assertEquals(0, run.exitCode(), run.toString());
        assertTrue(run.out().contains("lp_norm ") && run.out().contains("scale_norm "), run.out());
        // At the start of a line; reasons may name others.
        assertTrue(run.out().lines().noneMatch(l -> l.startsWith("layer_norm") || l.startsWith("batch_renorm")),
                run.out());
    }

    @Test
    void failsABackendWhoseKernelsAreOffInTheLastBit() throws IOException {
        Path file = directory.resolve("report.json");
        Cli run = Cli.run("conformance", "--quick", "--backend", WrongKernels.NAME, "--techniques",
                "batch_renorm,sync_batch_norm,mean_only_batch_norm,batch_instance_norm,switchable_norm,"
                        + "batch_layer_norm,adaptive_instance_norm",
                "--json", file.toString());
        assertEquals(1, run.exitCode(), run.toString());
        JsonObject report = json(file).getAsJsonArray("reports").get(0).getAsJsonObject();
        assertTrue(run.out().contains("the bits differ from those of scalar"), run.out());
        for (JsonElement row : report.getAsJsonArray("rows")) {
            // Now and then both round to the same number further on.
            int cases = row.getAsJsonObject().get("cases").getAsInt();
            assertTrue(row.getAsJsonObject().get("failures").getAsInt() > cases / 2, row.toString());
        }
    }

    @Test
    void rejectsATechniqueThatIsNone() {
        Cli run = Cli.run("conformance", "--techniques", "lp_norm,group_hug");
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("--techniques: group_hug") && run.err().contains("switchable_norm"), run.err());
    }

    @Test
    void rejectsACaseOfATechniqueThatIsNone() {
        Cli run = Cli.run("conformance", "--case", "lp_norm:p9_last:f64:rows:3x40:normal:heap:heap:apart:17");
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("--case") && run.err().contains("p9_last"), run.err());
    }

    @Test
    void rejectsACaseThatIsNone() {
        Cli run = Cli.run("conformance", "--case", "no such case");
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("--case"), run.err());
    }
}
