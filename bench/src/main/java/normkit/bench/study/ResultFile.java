package normkit.bench.study;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Outputs;
import normkit.bench.limits.Route;
import normkit.bench.run.Build;
import normkit.bench.run.Machine;
import normkit.bench.run.Workload;
import normkit.spi.Operation;

/**
 * What a study has measured, and its file: the machine, its limits, rows as JMH writes them, accuracy and regret. A plain
 * result of JMH can be read, too; it has rows only. Not thread-safe, but for {@link #text()}, which any thread may call while
 * another one adds.
 */
public final class ResultFile {

    private static final String FORMAT = "normkit-bench";
    private static final int VERSION = 1;
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping()
            .registerTypeAdapter(double.class, new Doubles()).registerTypeAdapter(Double.class, new Doubles()).create();

    private final JsonObject json;

    /** What is not a number is a text, as JMH has it, since JSON knows none. */
    private static final class Doubles extends TypeAdapter<Double> {

        @Override
        public void write(JsonWriter out, Double value) throws IOException {
            if (Double.isFinite(value)) {
                out.value(value);
            } else {
                out.value(value.toString());
            }
        }

        @Override
        public Double read(JsonReader in) throws IOException {
            return Double.valueOf(in.nextString());
        }
    }

    private ResultFile(JsonObject json) {
        this.json = json;
    }

    /**
     * Begins a result.
     *
     * @param machine where
     * @return a result without any row
     */
    public static ResultFile begin(Machine machine) {
        JsonObject json = new JsonObject();
        json.addProperty("format", FORMAT);
        json.addProperty("version", VERSION);
        json.addProperty("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.addProperty("commit", Build.here().commit());
        json.addProperty("complete", false);
        json.add("leftOut", new JsonArray());
        json.add("machine", GSON.toJsonTree(machine));
        JsonObject limits = new JsonObject();
        limits.add("bandwidth", new JsonArray());
        limits.add("fma", new JsonArray());
        json.add("limits", limits);
        json.add("benchmarks", new JsonArray());
        json.add("accuracy", new JsonArray());
        json.add("regret", new JsonArray());
        return new ResultFile(json);
    }

    /**
     * Goes on with a result that was interrupted.
     *
     * @param file the result; if there is none, one is begun
     * @param machine where
     * @return the result
     * @throws BadInputException if the file is no result, or another machine or build has measured it
     */
    public static ResultFile resume(Path file, Machine machine) {
        ResultFile fresh = begin(machine);
        if (!Files.exists(file)) {
            return fresh;
        }
        ResultFile old = read(file);
        for (String part : List.of("commit", "machine")) {
            if (!fresh.json.get(part).equals(old.json.get(part))) {
                throw new BadInputException(file + " has " + part + " " + old.json.get(part)
                        + "; to go on with it, it must be " + fresh.json.get(part));
            }
        }
        old.json.addProperty("complete", false);
        return old;
    }

    /**
     * Reads a file.
     *
     * @param file what {@code bench --json} or {@code jmh -rf json} wrote
     * @return the result
     * @throws BadInputException if it is neither
     */
    public static ResultFile read(Path file) {
        try {
            JsonElement content = JsonParser.parseString(Files.readString(file));
            ResultFile result =
                    content.isJsonArray() ? ofJmh(content.getAsJsonArray()) : new ResultFile(content.getAsJsonObject());
            result.requireFormat(file);
            result.rows();
            result.limits();
            result.accuracy();
            result.regret();
            result.leftOut();
            result.stolen();
            return result;
        } catch (IOException e) {
            throw new BadInputException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (BadInputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BadInputException(
                    file + " is not a result of JMH; it must be what bench --json or jmh -rf json writes", e);
        }
    }

    private static ResultFile ofJmh(JsonArray rows) {
        JsonObject json = new JsonObject();
        json.addProperty("format", FORMAT);
        json.addProperty("version", VERSION);
        json.addProperty("complete", true);
        json.add("benchmarks", rows);
        return new ResultFile(json);
    }

    private void requireFormat(Path file) {
        if (!json.get("format").getAsString().equals(FORMAT) || json.get("version").getAsInt() != VERSION) {
            throw new BadInputException(file + " has format " + json.get("format") + " version " + json.get("version")
                    + "; it must be " + FORMAT + " version " + VERSION);
        }
        for (JsonElement row : array("benchmarks")) {
            String mode = row.getAsJsonObject().get("mode").getAsString();
            if (!mode.equals("avgt")) {
                throw new BadInputException(file + " has mode " + mode + "; it must be avgt, a time per operation");
            }
        }
    }

    private JsonArray array(String name) {
        return json.has(name) ? json.getAsJsonArray(name) : new JsonArray();
    }

    private static List<JsonObject> objects(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsJsonObject).toList();
    }

    /** Adds a row as JMH's JSON format has it. */
    synchronized void add(JsonObject row) {
        json.getAsJsonArray("benchmarks").add(row);
    }

    synchronized void add(Limits.Bandwidth bandwidth) {
        json.getAsJsonObject("limits").getAsJsonArray("bandwidth").add(tree(bandwidth));
    }

    synchronized void add(Limits.Fma fma) {
        json.getAsJsonObject("limits").getAsJsonArray("fma").add(tree(fma));
    }

    synchronized void add(Accuracy accuracy) {
        json.getAsJsonArray("accuracy").add(tree(accuracy));
    }

    synchronized void add(Choice choice) {
        json.getAsJsonArray("regret").add(tree(choice));
    }

    private static JsonElement tree(Record record) {
        return GSON.toJsonTree(record);
    }

    /** Keeps which problems, or rows of them, there is no time for. */
    synchronized void leaveOut(List<String> descriptions) {
        json.add("leftOut", GSON.toJsonTree(descriptions));
    }

    /** The problems, or rows of them, there was no time for. */
    synchronized List<String> leftOut() {
        return array("leftOut").asList().stream().map(JsonElement::getAsString).toList();
    }

    /** Keeps the share of processor time that was stolen. */
    synchronized void stolen(double share) {
        json.addProperty("stolen", share);
    }

    /** The share of processor time that was stolen; see {@link normkit.bench.run.StolenTime}. */
    synchronized OptionalDouble stolen() {
        return json.has("stolen") ? OptionalDouble.of(json.get("stolen").getAsDouble()) : OptionalDouble.empty();
    }

    synchronized void complete() {
        json.addProperty("complete", true);
    }

    /**
     * Tells whether everything was measured that was going to be.
     *
     * @return false if the run was interrupted
     */
    public synchronized boolean isComplete() {
        return json.get("complete").getAsBoolean();
    }

    /** When, which commit and what machine, by name; empty for a plain result of JMH. */
    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String name : List.of("created", "commit")) {
            if (json.has(name)) {
                facts.put(name, json.get(name).getAsString());
            }
        }
        if (json.has("machine")) {
            json.getAsJsonObject("machine").entrySet().forEach(fact -> facts.put(fact.getKey(),
                    fact.getValue().isJsonPrimitive() ? fact.getValue().getAsString() : fact.getValue().toString()));
        }
        return facts;
    }

    /** The machine; null for a plain result of JMH. */
    Machine machine() {
        return GSON.fromJson(json.get("machine"), Machine.class);
    }

    synchronized List<Row> rows() {
        return objects(array("benchmarks")).stream().map(Row::of).toList();
    }

    synchronized Limits limits() {
        return json.has("limits") ? GSON.fromJson(json.get("limits"), Limits.class) : new Limits(List.of(), List.of());
    }

    synchronized List<Accuracy> accuracy() {
        return objects(array("accuracy")).stream().map(row -> GSON.fromJson(row, Accuracy.class)).toList();
    }

    synchronized List<Choice> regret() {
        return objects(array("regret")).stream().map(row -> GSON.fromJson(row, Choice.class)).toList();
    }

    /** Whether a job has been done. */
    boolean has(Job job) {
        Limits limits = limits();
        return rows().stream().anyMatch(row -> job.made(row))
                || limits.bandwidth().stream()
                        .anyMatch(b -> job.equals(Job.bandwidth(Route.named(b.kind()), b.workingSet(), b.threads())))
                || limits.fma().stream().anyMatch(f -> job.equals(Job.fma(f.type(), f.bits(), f.threads())));
    }

    /** Whether what the planner answers is known. */
    boolean has(Agenda.Question question) {
        Workload workload = Workload.of(question.problem());
        return regret().stream()
                .anyMatch(choice -> choice.workload().equals(workload) && choice.threads() == question.degree());
    }

    /** Whether the accuracy of a backend is known. */
    boolean has(Operation operation, String backend, double offset) {
        return accuracy().stream().anyMatch(accuracy -> accuracy.operation().equals(operation.label())
                && accuracy.backend().equals(backend) && accuracy.offset() == offset);
    }

    synchronized String text() {
        return GSON.toJson(json);
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @param file where to
     * @throws BadInputException if it cannot be written
     */
    public void write(Path file) {
        try (Outputs outputs = new Outputs()) {
            outputs.add(file, temporary -> Files.writeString(temporary, text()));
            outputs.commit();
        }
    }
}
