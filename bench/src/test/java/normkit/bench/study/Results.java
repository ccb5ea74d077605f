package normkit.bench.study;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import normkit.bench.run.Machine;

/** Results that nobody measured. */
final class Results {

    static final String NORM = "normkit.bench.jmh.NormBenchmark.run";

    private Results() {
    }

    /** A result of a machine that does not exist. */
    static ResultFile result() {
        return ResultFile.begin(new Machine("Abacus 3000", "beads", 2, "none", List.of(new Machine.Cache(1, 1024)),
                "JVM 25", List.of("-Xmx1g"), Map.of("normkit", "1.0")));
    }

    /** A row of NormBenchmark. */
    static JsonObject norm(String operation, String pass, String layout, String shape, String backend, double time) {
        return row(NORM, Map.of("operation", operation, "pass", pass, "layout", layout, "shape", shape, "groups", "0",
                "backend", backend), time, "0.5");
    }

    static JsonObject row(String benchmark, Map<String, String> params, double time, String error) {
        String pairs = params.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(p -> '"' + p.getKey() + "\": \"" + p.getValue() + '"').collect(Collectors.joining(", "));
        return JsonParser.parseString("""
                {"benchmark": "%s", "mode": "avgt", "threads": 1, "params": {%s},
                 "primaryMetric": {"score": %s, "scoreError": %s, "scoreUnit": "us/op"},
                 "secondaryMetrics": {"gc.alloc.rate.norm": {"score": 9, "rawData": [[20, 0.25], [1]]}}}"""
                .formatted(benchmark, pairs, time, error)).getAsJsonObject();
    }
}
