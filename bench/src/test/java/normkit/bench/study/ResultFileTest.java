package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import normkit.bench.files.BadInputException;
import normkit.bench.run.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultFileTest {

    @TempDir
    private Path directory;

    @Test
    void theTimeIsTheMedianOfAllJvms() {
        JsonObject json = Results.row("a.B.run", Map.of("backend", "simd"), 40, "0.5");
        json.getAsJsonObject("primaryMetric").add("rawData", JsonParser.parseString("[[3, 190, 1], [2, 4]]"));
        Row row = Row.of(json);
        assertEquals(3, row.score());
        assertEquals(40, row.mean());
        json.getAsJsonObject("primaryMetric").add("rawData", JsonParser.parseString("[[3, 190], [1, 6]]"));
        assertEquals(4.5, Row.of(json).score());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        ResultFile result = Results.result();
        Limits.Bandwidth bandwidth = new Limits.Bandwidth("copy", 1024, 1, 1e9, Double.NaN);
        Limits.Fma fma = new Limits.Fma("f32", 512, 2, 2e11, 1e9);
        Accuracy accuracy = new Accuracy("layer_norm", "loop", 1e6, Double.POSITIVE_INFINITY);
        Choice choice = new Choice("layer_norm", "forward", "rows", "2x3", "0", 1, "measure", "simd", "onednn", 1.25);
        result.add(bandwidth);
        result.add(fma);
        result.add(Results.row("a.B.run", Map.of("backend", "simd"), 12.5, "\"NaN\""));
        result.add(accuracy);
        result.add(choice);
        Path file = directory.resolve("sub").resolve("r.json");
        result.write(file);
        ResultFile read = ResultFile.read(file);
        assertFalse(read.isComplete());
        assertEquals(new Limits(List.of(bandwidth), List.of(fma)), read.limits());
        assertEquals(List.of(new Row("a.B.run", 1, Map.of("backend", "simd"), 12.5, 12.5, Double.NaN, "us/op", 0.25)),
                read.rows());
        assertEquals(List.of(accuracy), read.accuracy());
        assertEquals(List.of(choice), read.regret());
        assertEquals("Abacus 3000", read.facts().get("cpu"));
        assertEquals("2", read.facts().get("processors"));
        result.complete();
        result.write(file);
        assertTrue(ResultFile.read(file).isComplete());
        assertEquals(result.text(), ResultFile.read(file).text());
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void onlyTheSameMachineAndBuildGoOn() throws IOException {
        Machine machine = Results.result().machine();
        Path file = directory.resolve("r.json");
        assertEquals(List.of(), ResultFile.resume(file, machine).rows());
        ResultFile result = Results.result();
        result.add(Results.row("a.B.run", Map.of(), 1, "0.1"));
        result.complete();
        result.write(file);
        ResultFile more = ResultFile.resume(file, machine);
        assertEquals(result.rows(), more.rows());
        assertFalse(more.isComplete());
        Files.writeString(file, result.text().replace("Abacus", "Slide rule"));
        String told = assertThrows(BadInputException.class, () -> ResultFile.resume(file, machine)).getMessage();
        assertTrue(told.startsWith(file + " has machine {\"cpu\":\"Slide rule 3000\""), told);
    }

    @Test
    void aResultOfJmhHasRows() throws IOException {
        Path file = directory.resolve("jmh.json");
        Files.writeString(file, "[" + Results.row("a.B.run", Map.of(), 1, "0.1") + "]");
        ResultFile read = ResultFile.read(file);
        assertEquals(List.of("B.run 1t us/op"), read.rows().stream().map(Row::name).toList());
        assertTrue(read.facts().isEmpty());
        assertTrue(read.limits().bandwidth().isEmpty() && read.accuracy().isEmpty() && read.regret().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"no|is not a result of JMH", "{}|is not a result of JMH",
        "[1]|is not a result of JMH", "[{}]|is not a result of JMH",
        "{\"format\": \"normkit-bench\", \"version\": 2}|has format \"normkit-bench\" version 2; it must be",
        "{\"format\": \"jpeg\", \"version\": 1}|has format \"jpeg\" version 1; it must be",
        "[{\"mode\": \"thrpt\"}]|has mode thrpt; it must be avgt"})
    void whatIsNoResultIsRefused(String content, String message) throws IOException {
        Path file = directory.resolve("x.json");
        Files.writeString(file, content);
        String told = assertThrows(BadInputException.class, () -> ResultFile.read(file)).getMessage();
        assertTrue(told.startsWith(file + " " + message), told);
    }
}
