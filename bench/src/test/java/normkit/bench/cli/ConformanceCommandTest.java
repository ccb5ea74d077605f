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
import normkit.bench.WrongBackend;
import normkit.conformance.Conformance;
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
    void rejectsACaseThatIsNone() {
        Cli run = Cli.run("conformance", "--case", "no such case");
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("--case"), run.err());
    }
}
