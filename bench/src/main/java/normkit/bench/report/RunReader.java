package normkit.bench.report;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import normkit.bench.files.BadInputException;
import normkit.bench.run.Median;

/** Reads the file that {@code bench --json} writes. */
final class RunReader {

    private static final String FORMAT = "normkit-bench";
    private static final int VERSION = 1;
    private static final String SHAPE = "axis lengths such as 3x5x7";
    /** More than any memory holds, and small enough to count their bytes. */
    private static final long MOST_ELEMENTS = 1L << 50;
    private static final Map<String, Double> SECONDS = Map.of("ns/op", 1e-9, "us/op", 1e-6, "ms/op", 1e-3, "s/op", 1.0);

    private final List<Run.Row> rows = new ArrayList<>();
    private final List<Run.Sweep> sweeps = new ArrayList<>();
    private int others;

    private RunReader() {
    }

    /**
     * Reads a file.
     *
     * @param file what {@code bench --json} wrote
     * @return its content
     * @throws BadInputException if it cannot be read or is something else
     */
    static Run read(Path file) {
        try {
            return new RunReader().read(new Json("", JsonParser.parseString(Files.readString(file))));
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + " does not exist", e);
        } catch (IOException e) {
            throw new BadInputException(file + " cannot be read as text: " + e.getMessage(), e);
        } catch (JsonParseException e) {
            throw new BadInputException(file + " is not JSON; it must be what bench --json writes", e);
        } catch (Json.Mismatch e) {
            throw new BadInputException(file + " is not a result of bench: " + e.getMessage(), e);
        }
    }

    private Run read(Json file) {
        if (!file.get("format").text("").equals(FORMAT)) {
            throw file.get("format").mismatch('"' + FORMAT + '"');
        }
        if (file.get("version").number() != VERSION) {
            throw file.get("version").mismatch(String.valueOf(VERSION));
        }
        file.get("benchmarks").values().forEach(this::benchmark);
        Json machine = file.get("machine");
        Json limits = file.get("limits");
        return new Run(file.get("created").text("unknown"), file.get("commit").text("unknown"),
                file.get("complete").flag(), file.get("leftOut").values().stream().map(Json::text).toList(),
                facts(machine, file.get("stolen").number()),
                machine.get("caches").values().stream()
                        .map(c -> new Run.Cache(c.get("level").count(), c.get("bytes").count())).toList(),
                limits.get("bandwidth").values().stream().map(RunReader::bandwidth).toList(),
                limits.get("fma").values().stream().map(RunReader::fma).toList(), List.copyOf(rows),
                List.copyOf(sweeps), file.get("accuracy").values().stream().map(RunReader::accuracy).toList(),
                file.get("regret").values().stream().map(RunReader::regret).toList(), others);
    }

    private static Map<String, String> facts(Json machine, double stolen) {
        Map<String, String> facts = new LinkedHashMap<>();
        String processors = machine.get("processors").text("unknown");
        facts.put("CPU", machine.get("cpu").text("unknown") + ", processors: " + processors);
        facts.put("OS", machine.get("os").text("unknown"));
        facts.put("JVM", machine.get("jvm").text("unknown"));
        Json versions = machine.get("versions");
        facts.put("Versions", versions.names().stream()
                .map(n -> Json.printable(n) + " " + versions.get(n).text("unknown")).collect(Collectors.joining(", ")));
        facts.put("JVM flags", machine.get("flags").values().stream().map(Json::text).collect(Collectors.joining(" ")));
        facts.put("CPU features", machine.get("features").text(""));
        if (!Double.isNaN(stolen)) {
            facts.put("Stolen time", Numbers.percent(stolen) + " of the processor time, by the host");
        }
        facts.values().removeIf(String::isBlank);
        return facts;
    }

    private static Run.Bandwidth bandwidth(Json limit) {
        return new Run.Bandwidth(limit.get("kind").text(), limit.get("workingSet").count(),
                limit.get("threads").count(), limit.get("bytesPerSecond").number(), limit.get("error").number());
    }

    private static Run.Fma fma(Json limit) {
        return new Run.Fma(limit.get("type").text(), limit.get("bits").count(), limit.get("threads").count(),
                limit.get("flopsPerSecond").number(), limit.get("error").number());
    }

    private static Run.Accuracy accuracy(Json row) {
        return new Run.Accuracy(row.get("operation").text(), row.get("backend").text(), row.get("offset").number(),
                row.get("error").number());
    }

    private static Run.Regret regret(Json row) {
        return new Run.Regret(problem(row), row.get("threads").isAbsent() ? 1 : row.get("threads").count(),
                row.get("effort").text(), row.get("chosen").text(), row.get("best").text(), row.get("ratio").number());
    }

    private void benchmark(Json row) {
        String name = row.get("benchmark").text();
        Json params = row.get("params");
        Json metric = row.get("primaryMetric");
        double unit = metric.isAbsent() ? Double.NaN : unit(row);
        double time = Median.of(iterations(metric)).orElseGet(() -> metric.get("score").number()) * unit;
        double error = metric.get("scoreError").number() * unit;
        if (name.endsWith(".NormBenchmark.run")) {
            long degree = params.get("degree").isAbsent() ? 1 : params.get("degree").count();
            rows.add(new Run.Row(problem(params), params.get("backend").text(), row.get("threads").count(), degree,
                    positive(time), error, allocated(row.get("secondaryMetrics"))));
        } else if (name.endsWith(".SweepBenchmark.run")) {
            sweeps.add(new Run.Sweep(params.get("operation").text(), params.get("backend").text(),
                    params.get("bytes").count(), positive(time), error));
        } else {
            others++;
        }
    }

    private static double unit(Json row) {
        if (!row.get("mode").text().equals("avgt")) {
            throw row.get("mode").mismatch("\"avgt\", a time per operation");
        }
        Json unit = row.get("primaryMetric").get("scoreUnit");
        if (!SECONDS.containsKey(unit.text())) {
            throw unit.mismatch("a time per operation such as us/op");
        }
        return SECONDS.get(unit.text());
    }

    /** A time of 0 or below was not measured. */
    private static double positive(double time) {
        return time > 0 && time < Double.POSITIVE_INFINITY ? time : Double.NaN;
    }

    private static DoubleStream iterations(Json metric) {
        return metric.get("rawData").values().stream().flatMap(jvm -> jvm.values().stream()).mapToDouble(Json::number);
    }

    /**
     * The least of all iterations where they are known: what a call allocates it allocates in each of them. A mean would also
     * have what JMH and the JVM's own threads allocate now and then, divided by however few calls an iteration had.
     */
    private static double allocated(Json metrics) {
        // Older versions of JMH put a dot before the name.
        Json plain = metrics.get("gc.alloc.rate.norm");
        Json metric = plain.isAbsent() ? metrics.get("·gc.alloc.rate.norm") : plain;
        return iterations(metric).min().orElseGet(() -> metric.get("score").number());
    }

    private static Run.Problem problem(Json params) {
        Json shape = params.get("shape");
        try {
            long elements = Run.Problem.elements(shape.text());
            if (elements < 1 || elements > MOST_ELEMENTS) {
                throw shape.mismatch(SHAPE);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw shape.mismatch(SHAPE);
        }
        return new Run.Problem(params.get("operation").text(), params.get("pass").text(), params.get("layout").text(),
                shape.text(), params.get("groups").text("0"));
    }
}
