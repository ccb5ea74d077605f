package normkit.bench.study;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Keeps what JMH and its forks print to itself, for when a run fails. */
final class QuietFormat implements OutputFormat {

    private final StringBuilder log = new StringBuilder();

    /** The line that tells best what went wrong: the first one that names an exception or error. */
    String complaint() {
        return log.toString().lines().map(String::strip).filter(line -> line.matches("[\\w.$]*(Exception|Error)\\b.*"))
                .findFirst().orElse("no message");
    }

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams iteration, int number) {
    }

    @Override
    public void iterationResult(BenchmarkParams benchmark, IterationParams iteration, int number,
            IterationResult result) {
    }

    @Override
    public void startBenchmark(BenchmarkParams benchmark) {
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
    }

    @Override
    public void startRun() {
    }

    @Override
    public void endRun(Collection<RunResult> results) {
    }

    @Override
    public void print(String text) {
        log.append(text);
    }

    @Override
    public void println(String text) {
        log.append(text).append('\n');
    }

    @Override
    public void verbosePrintln(String text) {
    }

    @Override
    public void write(int b) {
        log.append((char) b);
    }

    @Override
    public void write(byte[] bytes) {
        log.append(new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void flush() {
    }

    @Override
    public void close() {
    }
}
