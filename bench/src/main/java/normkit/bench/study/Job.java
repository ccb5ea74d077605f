package normkit.bench.study;

import java.util.LinkedHashMap;
import java.util.Map;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.SweepBenchmark;
import normkit.bench.limits.BandwidthBenchmark;
import normkit.bench.limits.FmaBenchmark;
import normkit.bench.limits.Route;
import normkit.bench.run.Memory;
import normkit.bench.run.Workload;

/**
 * One row to measure.
 *
 * @param benchmark class of the benchmark
 * @param params its parameters
 * @param threads number of threads that run it at a time
 * @param memory bytes it takes
 */
record Job(Class<?> benchmark, Map<String, String> params, int threads, long memory) {

    private static final int BLOCKS = 2;

    Job {
        params = Map.copyOf(params);
    }

    static Job norm(Workload workload, String backend, int threads, int degree) {
        Map<String, String> params = new LinkedHashMap<>(workload.params());
        params.put("backend", backend);
        params.put("degree", Integer.toString(degree));
        return new Job(NormBenchmark.class, params, threads, Memory.need(workload.problem(), threads));
    }

    static Job sweep(String operation, long bytes, String backend) {
        return new Job(SweepBenchmark.class,
                Map.of("operation", operation, "bytes", Long.toString(bytes), "backend", backend), 1,
                Memory.need(SweepBenchmark.problem(operation, bytes), 1));
    }

    static Job bandwidth(Route kind, long workingSet, int threads) {
        return new Job(BandwidthBenchmark.class,
                Map.of("kind", kind.toString(), "workingSet", Long.toString(workingSet)), threads,
                threads * BLOCKS * workingSet);
    }

    static Job fma(String type, int bits, int threads) {
        return new Job(FmaBenchmark.class, Map.of("type", type, "bits", Integer.toString(bits)), threads, 0);
    }

    /** Whether a row comes from such a job. */
    boolean made(Row row) {
        return row.benchmark().equals(benchmark.getName() + ".run") && row.threads() == threads
                && row.params().equals(params);
    }

    /** Returns what is measured, for a person. */
    @Override
    public String toString() {
        String what = params.containsKey("pass")
                ? Workload.of(params) + " on " + params.get("backend")
                : params.containsKey("bytes")
                        ? params.get("operation") + " of " + params.get("bytes") + " bytes on " + params.get("backend")
                        : params.containsKey("kind")
                                ? params.get("kind") + " of " + params.get("workingSet") + " bytes"
                                : params.get("type") + " multiply-adds of " + params.get("bits") + " bits";
        String degree = params.getOrDefault("degree", "1");
        String shared = degree.equals("1") ? what : what + ", shared by " + degree;
        return threads == 1 ? shared : shared + ", " + threads + " threads";
    }
}
