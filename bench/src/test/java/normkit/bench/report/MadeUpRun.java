package normkit.bench.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Results in the format of {@code bench}, made up for tests. Nothing in them was measured. */
final class MadeUpRun {

    private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().serializeNulls().create();
    private static final long SEED = 7;
    private static final int KILO = 1024;
    private static final double MICRO = 1e6;

    /** The file's object; tests change it as they like. */
    final Map<String, Object> file = new LinkedHashMap<>();
    final List<Map<String, Object>> benchmarks = new ArrayList<>();
    final List<Map<String, Object>> accuracy = new ArrayList<>();
    final List<Map<String, Object>> regret = new ArrayList<>();
    final List<Map<String, Object>> bandwidth = new ArrayList<>();
    final List<Map<String, Object>> fma = new ArrayList<>();
    final Map<String, Object> machine = new LinkedHashMap<>();
    private final Random random = new Random(SEED);

    /** A run without any row. */
    MadeUpRun() {
        file.putAll(Map.of("format", "normkit-bench", "version", 1, "created", "2026-01-31T12:00:00Z", "commit",
                "0123abc", "complete", true, "machine", machine, "limits", Map.of("bandwidth", bandwidth, "fma", fma),
                "benchmarks", benchmarks, "accuracy", accuracy, "regret", regret));
        machine.putAll(Map.of("cpu", "Made-up CPU 9000 (test data)", "features", "avx2 avx512f avx512bw fma",
                "processors", 2, "os", "Linux 6.1, amd64", "jvm", "Test VM 25.0.3", "flags",
                List.of("--add-modules", "jdk.incubator.vector"), "versions",
                Map.of("normkit", "0.1.0", "onednn", "3.11", "libtorch", "2.10")));
        machine.put("caches", List.of(Map.of("level", 1, "bytes", 48 * KILO), Map.of("level", 2, "bytes", KILO * KILO),
                Map.of("level", 3, "bytes", 32 * KILO * KILO)));
    }

    /** Half a character, which JSON can name, UTF-8 cannot have. */
    String json() {
        return GSON.toJson(file).replace("\uD800", "\\uD800");
    }

    Path write(Path target) throws IOException {
        return Files.writeString(target, json());
    }

    Map<String, Object> row(String operation, String pass, String layout, String shape, String backend, int threads,
            double microseconds, double error) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("benchmark", "normkit.bench.jmh.NormBenchmark.run");
        row.put("mode", "avgt");
        row.put("threads", threads);
        row.put("params", new LinkedHashMap<>(Map.of("operation", operation, "pass", pass, "layout", layout, "shape",
                shape, "groups", operation.equals("group_norm") ? "32" : "0", "backend", backend)));
        row.put("primaryMetric",
                new LinkedHashMap<>(Map.of("score", microseconds, "scoreError", error, "scoreUnit", "us/op")));
        row.put("secondaryMetrics", Map.of("gc.alloc.rate.norm",
                Map.of("score", backend.equals("libtorch") ? 96.0 : 0.0004, "scoreUnit", "B/op")));
        benchmarks.add(row);
        return row;
    }

    Map<String, Object> sweep(String operation, String backend, long bytes, double microseconds) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("benchmark", "normkit.bench.jmh.SweepBenchmark.run");
        row.put("mode", "avgt");
        row.put("threads", 1);
        row.put("params", Map.of("operation", operation, "bytes", String.valueOf(bytes), "backend", backend));
        row.put("primaryMetric", Map.of("score", microseconds, "scoreError", microseconds / 30, "scoreUnit", "us/op"));
        benchmarks.add(row);
        return row;
    }

    void accuracy(String operation, String backend, double offset, Object error) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("operation", operation);
        row.put("backend", backend);
        row.put("offset", offset);
        row.put("error", error);
        accuracy.add(row);
    }

    void regret(String operation, String pass, String layout, String shape, String effort, String chosen, String best,
            Object ratio) {
        Map<String, Object> row = new LinkedHashMap<>(Map.of("operation", operation, "pass", pass, "layout", layout,
                "shape", shape, "groups", "0", "threads", 1, "effort", effort, "chosen", chosen, "best", best));
        row.put("ratio", ratio);
        regret.add(row);
    }

    void bandwidth(String kind, long workingSet, double bytesPerSecond) {
        bandwidth.add(Map.of("kind", kind, "workingSet", workingSet, "threads", 1, "bytesPerSecond", bytesPerSecond,
                "error", bytesPerSecond / 50));
    }

    void fma(String type, int bits, double flopsPerSecond) {
        fma.add(Map.of("type", type, "bits", bits, "threads", 1, "flopsPerSecond", flopsPerSecond, "error",
                flopsPerSecond / 100));
    }

    /** Everything the format can have, in believable numbers. */
    static MadeUpRun full() {
        MadeUpRun run = new MadeUpRun();
        run.limits();
        for (String shape : List.of("1x4096", "256x768", "512x1024", "2048x4096", "16384x1024", "25088x128")) {
            run.shape("layer_norm", "rows", shape, List.of("forward", "backward"));
            run.shape("rms_norm", "rows", shape, List.of("forward", "backward"));
        }
        List<String> four = List.of("forward", "inference", "backward", "frozen_backward");
        for (String shape : List.of("50x64x112x112", "32x64x56x56", "50x512x7x7", "8x3x224x224", "4x128x15000")) {
            run.bothLayouts("batch_norm", shape, four);
        }
        for (String shape : List.of("2x320x96x96", "1x512x64x64", "2x1280x24x24")) {
            run.bothLayouts("group_norm", shape, List.of("forward", "backward"));
        }
        for (String shape : List.of("1x32x224x224", "6x256x2x28x28")) {
            run.bothLayouts("instance_norm", shape, List.of("forward", "backward"));
        }
        run.sweeps();
        run.accuracies();
        run.file.put("leftOut", List.of("batch_norm forward ncx 256x1024", "rms_norm forward rows 1x4096"));
        return run;
    }

    private void limits() {
        for (long size = 4 * KILO; size <= 1L << 30; size *= 4) {
            bandwidth("copy", size, speed(size));
            bandwidth("read", size, speed(size) * 1.2);
            bandwidth("write", size, speed(size) * 0.7);
            bandwidth("streaming-copy", size, size < 1L << 25 ? speed(size) * 0.3 : speed(size) * 1.3);
        }
        for (int bits = 128; bits <= 512; bits *= 2) {
            fma("f32", bits, bits * 4.1e8);
            fma("f64", bits, bits * 2.05e8);
        }
    }

    /** Bytes a copy moves per second. */
    private static double speed(double workingSet) {
        return 12e9 + 150e9 / (1 + workingSet / 60e3) + 40e9 / (1 + workingSet / 2e6) + 16e9 / (1 + workingSet / 40e6);
    }

    private void bothLayouts(String operation, String shape, List<String> passes) {
        String[] axes = shape.split("x");
        List<String> last = new ArrayList<>(List.of(axes));
        last.add(last.remove(1));
        shape(operation, "ncx", shape, passes);
        shape(operation, "nxc", String.join("x", last), passes);
    }

    private void shape(String operation, String layout, String shape, List<String> passes) {
        double bytes = 4.0 * Run.Problem.elements(shape);
        for (String pass : passes) {
            double traffic = bytes * (pass.contains("backward") ? 3 : 2);
            double limit = traffic / speed(traffic) * MICRO + 0.3;
            both(operation, pass, layout, shape, "copy", bytes * 2 / speed(bytes * 2) * MICRO + 0.02);
            double simd = limit * between(1.1, 2.4);
            both(operation, pass, layout, shape, "simd", simd);
            both(operation, pass, layout, shape, "scalar", simd * between(1.5, 3));
            boolean reference = operation.matches("group_norm|instance_norm") && pass.equals("backward");
            double onednn = simd * (layout.equals("ncx") ? between(1.4, 5) : between(0.5, 1.6)) * (reference ? 40 : 1);
            both(operation, pass, layout, shape, "onednn", onednn);
            both(operation, pass, layout, shape, "libtorch", simd * between(0.9, 4));
            both(operation, pass, layout, shape, "loop", simd * between(1.2, 8));
            if (pass.equals("inference") || operation.equals("layer_norm") && pass.equals("forward")) {
                both(operation, pass, layout, shape, "onnxruntime", simd * between(0.9, 3));
            }
            for (int threads = 1; threads <= 2; threads++) {
                boolean wrong = onednn < simd && random.nextInt(4) == 0;
                String best = onednn < simd ? "onednn" : "simd";
                regret(operation, pass, layout, shape, "estimate", wrong ? "simd" : best, best,
                        wrong ? simd / onednn : between(1, 1.02));
                regret.getLast().put("threads", threads);
                regret(operation, pass, layout, shape, "measure", best, best, between(1, 1.015));
                regret.getLast().put("threads", threads);
            }
        }
    }

    private void both(String operation, String pass, String layout, String shape, String backend, double time) {
        row(operation, pass, layout, shape, backend, 1, time, time * between(0.005, 0.06));
        row(operation, pass, layout, shape, backend, 2, time * between(1.02, 1.5), time * 0.05);
    }

    private void sweeps() {
        for (String operation : List.of("layer_norm", "batch_norm")) {
            for (long bytes = KILO; bytes <= 256L * KILO * KILO; bytes *= 4) {
                double copy = 2.0 * bytes / speed(2.0 * bytes) * MICRO;
                sweep(operation, "copy", bytes, copy);
                sweep(operation, "simd", bytes, copy * between(1.3, 1.5) + 0.12);
                sweep(operation, "onednn", bytes, copy * between(1.6, 2.2) + 0.6);
                sweep(operation, "libtorch", bytes, copy * between(2.2, 3) + 3);
                sweep(operation, "loop", bytes, copy * 4 + 0.02);
            }
        }
    }

    private void accuracies() {
        for (String operation : List.of("layer_norm", "rms_norm", "batch_norm", "group_norm", "instance_norm")) {
            for (double offset : new double[] {0, 1, 1e2, 1e4, 1e6}) {
                accuracy(operation, "simd", offset,
                        operation.equals("rms_norm") && offset > 1 ? 0.0 : between(2e-7, 3e-7));
                accuracy(operation, "scalar", offset, between(2e-7, 3e-7));
                accuracy(operation, "onednn", offset, between(4e-7, 8e-7) + 5e-8 * offset);
                accuracy(operation, "libtorch", offset, between(3e-7, 6e-7) + 9e-8 * offset);
                accuracy(operation, "loop", offset,
                        offset >= 1e6 ? (Object) "NaN" : (Object) (between(5e-7, 9e-7) + 1e-7 * offset * offset));
            }
        }
    }

    private double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
