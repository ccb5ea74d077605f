package normkit.bench.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import normkit.bench.files.BadInputException;

/**
 * Two runs in JMH's JSON format, row against row. A change counts only if the runs' 99.9 % confidence intervals are
 * apart.
 */
final class Comparison {

    private final TextTable table = new TextTable(1);
    private int rows;
    private int regressions;

    Comparison(Path before, Path after) {
        table.add(List.of("benchmark", "ratio", "from", "to", ""));
        Map<String, Interval> old = read(before);
        read(after).forEach((name, now) -> {
            if (old.containsKey(name)) {
                add(name, now.over(old.get(name)));
            }
        });
        if (rows == 0) {
            throw new BadInputException(before + " and " + after + " have no benchmark in common; they must share one");
        }
    }

    /** A time or a ratio of times, and between what it lies. */
    private record Interval(double score, double low, double high) {

        /** The widest ratio the intervals allow; a lower end of 0 or an unknown error leaves it open. */
        Interval over(Interval other) {
            return new Interval(score / other.score, Math.max(0, low) / other.high, high / Math.max(0, other.low));
        }
    }

    int regressions() {
        return regressions;
    }

    @Override
    public String toString() {
        return table.toString();
    }

    private void add(String name, Interval ratio) {
        rows++;
        String verdict = ratio.low > 1 ? "slower" : ratio.high < 1 ? "faster" : "";
        regressions += ratio.low > 1 ? 1 : 0;
        table.add(List.of(name, number(ratio.score), number(ratio.low), number(ratio.high), verdict));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static Map<String, Interval> read(Path file) {
        Map<String, Interval> rows = new LinkedHashMap<>();
        try {
            for (JsonElement element : JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
                JsonObject row = element.getAsJsonObject();
                if (!row.get("mode").getAsString().equals("avgt")) {
                    throw new BadInputException(file + " has mode " + row.get("mode").getAsString()
                            + "; it must be avgt, a time per operation");
                }
                JsonObject metric = row.getAsJsonObject("primaryMetric");
                double score = metric.get("score").getAsDouble();
                double error = metric.get("scoreError").getAsDouble();
                rows.put(name(row, metric), new Interval(score, score - error, score + error));
            }
        } catch (IOException e) {
            throw new BadInputException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (BadInputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BadInputException(file + " is not a result of JMH; it must be what jmh -rf json writes", e);
        }
        return rows;
    }

    private static String name(JsonObject row, JsonObject metric) {
        String benchmark = row.get("benchmark").getAsString();
        List<String> parts = new ArrayList<>();
        parts.add(benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1));
        if (row.has("params")) {
            row.getAsJsonObject("params").entrySet().forEach(p -> parts.add(p.getValue().getAsString()));
        }
        parts.add(row.get("threads").getAsString() + "t");
        parts.add(metric.get("scoreUnit").getAsString());
        return String.join(" ", parts);
    }
}
