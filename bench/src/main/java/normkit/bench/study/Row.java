package normkit.bench.study;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.SweepBenchmark;
import normkit.bench.run.Median;
import normkit.bench.run.Workload;

/**
 * A time JMH has measured.
 *
 * @param benchmark name of the method
 * @param threads number of threads that ran it at a time
 * @param params the benchmark's parameters
 * @param score time of a call: the {@link Median} of the iterations of all JVMs
 * @param mean average time of a call, JMH's score
 * @param error half the width of the average's 99.9 % confidence interval; NaN if there were too few measurements for one
 * @param unit unit of all three
 * @param allocated bytes allocated by a call; NaN if unknown
 */
record Row(String benchmark, int threads, Map<String, String> params, double score, double mean, double error,
        String unit, double allocated) {

    private static final String DEGREE = "degree";

    Row {
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
    }

    /**
     * Reads a row of JMH's JSON format.
     *
     * @throws RuntimeException if it is none
     */
    static Row of(JsonObject json) {
        Map<String, String> params = new LinkedHashMap<>();
        if (json.has("params")) {
            json.getAsJsonObject("params").entrySet().forEach(p -> params.put(p.getKey(), p.getValue().getAsString()));
        }
        JsonObject metric = json.getAsJsonObject("primaryMetric");
        return new Row(json.get("benchmark").getAsString(), json.get("threads").getAsInt(), params, median(metric),
                metric.get("score").getAsDouble(), metric.get("scoreError").getAsDouble(),
                metric.get("scoreUnit").getAsString(), allocated(json.get("secondaryMetrics")));
    }

    /**
     * The least of all iterations: what a call allocates it allocates in each of them; the rest is JMH's, and comes in whole
     * allocation buffers of threads.
     */
    private static double allocated(JsonElement metrics) {
        if (metrics == null) {
            return Double.NaN;
        }
        // Older JMH puts a dot before the name.
        return metrics.getAsJsonObject().entrySet().stream().filter(m -> m.getKey().endsWith("gc.alloc.rate.norm"))
                .flatMapToDouble(m -> iterations(m.getValue().getAsJsonObject())).min().orElse(Double.NaN);
    }

    /** The average where iterations are not known. */
    private static double median(JsonObject metric) {
        DoubleStream times = metric.has("rawData") ? iterations(metric) : DoubleStream.empty();
        return Median.of(times).orElseGet(() -> metric.get("score").getAsDouble());
    }

    /** The measurements of all JVMs, one after another. */
    private static DoubleStream iterations(JsonObject metric) {
        return StreamSupport.stream(metric.getAsJsonArray("rawData").spliterator(), false)
                .flatMap(jvm -> StreamSupport.stream(jvm.getAsJsonArray().spliterator(), false))
                .mapToDouble(JsonElement::getAsDouble);
    }

    boolean isNorm() {
        return benchmark.equals(NormBenchmark.class.getName() + ".run");
    }

    boolean isSweep() {
        return benchmark.equals(SweepBenchmark.class.getName() + ".run");
    }

    String backend() {
        return params.get("backend");
    }

    /** Number of threads that share a call. */
    int degree() {
        return Integer.parseInt(params.getOrDefault(DEGREE, "1"));
    }

    boolean isCopy() {
        return NormBenchmark.COPY.equals(backend());
    }

    /** The workload of a row of {@link NormBenchmark}. */
    Workload workload() {
        return Workload.of(params);
    }

    /** The name in comparisons: class and method, parameters, threads and unit. */
    String name() {
        String method = benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1);
        String values = params.entrySet().stream().filter(param -> !param.getKey().equals(DEGREE))
                .map(param -> " " + param.getValue()).collect(Collectors.joining());
        return method + values + (degree() == 1 ? "" : " shared by " + degree()) + " " + threads + "t " + unit;
    }
}
