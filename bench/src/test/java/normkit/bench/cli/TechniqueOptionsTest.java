package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import normkit.bench.files.Element;
import normkit.bench.files.TensorFile;
import normkit.spi.Operation;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Every technique of {@code apply} runs, every option it reads makes a difference, and others are refused. */
class TechniqueOptionsTest {

    private static final Set<String> COMMON =
            Set.of("--help", "--version", "--x", "--out", "--png", "--pixels", "--mode", "--layout", "--dy");
    private static final String RUNNING = "--running-mean channels.npy --running-var positive.npy; --momentum 0.3; "
            + "--momentum-of-old; --cumulative; --batches 3";
    private static final String MIXING =
            "--eps 0.5; --scale channels.npy; --shift channels.npy; " + RUNNING + "; --backend scalar; ";

    /**
     * What a technique cannot do without, and steps that each change its results, if taken after another. That backends do
     * not change results is the point of them.
     */
    private record Row(String technique, String needs, String steps) {

        List<String> options() {
            return Stream.of((needs + " " + steps).split("[ ;]+")).filter(word -> word.startsWith("--")).toList();
        }

        @Override
        public String toString() {
            return technique;
        }
    }

    static final List<Row> ROWS = List.of(
            new Row("batch_instance_norm", "", MIXING + "--gate channels.npy; --running-variance biased"),
            new Row("switchable_norm", "",
                    MIXING + "--mean-logits channels.npy; --variance-logits channels.npy; --running-variance unbiased"),
            new Row("batch_layer_norm", "", MIXING + "--batch-size 25; --running-variance biased"),
            new Row("batch_renorm", "--running-mean channels.npy --running-var positive.npy",
                    "--r-max 1.25; --d-max 0.125; --eps 0.5; --scale channels.npy; --shift channels.npy; "
                            + "--momentum 0.3; --momentum-of-old; --cumulative; --batches 3; --backend scalar"),
            new Row("mean_only_batch_norm", "",
                    "--shift channels.npy; --running-mean channels.npy; --momentum 0.3; "
                            + "--momentum-of-old; --cumulative; --batches 3; --backend scalar"),
            new Row("adaptive_instance_norm", "--style style.npy", "--eps 0.5; --strength 0.5; --backend scalar"),
            new Row("weight_norm", "", "--dim 1; --scale channels.npy"),
            new Row("weight_standardization", "",
                    "--dim 1; --convention root; --eps 0.5; --scale channels.npy; --backend scalar"),
            new Row("spectral_norm", "", "--dim 1; --iterations 2; --seed 7; --eps 100"),
            new Row("local_response_norm", "--size 2",
                    "--alpha 0.3; --alpha-of sum; --beta 0.5; --k 2; --even above; --within-channel"),
            new Row("lp_norm", "", "--p 3; --axis 0; --eps 100"),
            new Row("scale_norm", "--scale one.npy", "--eps 100; --backend scalar"),
            new Row("mean_variance_norm", "", "--axes 1,2; --eps 0.5; --backend scalar"),
            new Row("standardization", "", ""), new Row("min_max_scaling", "", "--range -1,1"));

    /** Options of operations alone, with values. */
    private static final String OF_OPERATIONS = "--mean x.npy; --rstd x.npy; --var x.npy; --frozen; "
            + "--normalized-shape 4; --groups 3; --single-value allow; --lengths x.npy; --mask x.npy; "
            + "--activation gelu; --activation-before relu; --residual x.npy; --dsum x.npy";

    @TempDir
    Path directory;

    @BeforeEach
    void makeFiles() throws IOException {
        save("x", 1, 2, 3, 4);
        save("style", 2, 2, 3, 5);
        save("channels", 3, 3);
        save("positive", 4, 3);
        save("one", 5, 1);
    }

    private void save(String name, long seed, long... shape) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(TensorSpec.of(DataType.F64, Layout.ROWS, shape));
        for (long i = 0; i < tensor.spec().elements(); i++) {
            tensor.set(i, random.nextDouble());
        }
        try (OutputStream out = Files.newOutputStream(directory.resolve(name + ".npy"))) {
            TensorFile.write(tensor, Element.F8, Channels.newChannel(out));
        }
    }

    private Cli apply(String technique, List<String> options, String out) {
        return Cli.runIn(directory,
                Cli.words("apply " + technique + " --x x.npy --out " + out + " " + String.join(" ", options)));
    }

    private static CommandSpec command() {
        return Normkit.commandLine().getSubcommands().get("apply").getCommandSpec();
    }

    /** An option of every kind with a value that can be read. */
    private static Map<String, String> samples() {
        Map<String, String> samples = new TreeMap<>();
        Stream.concat(ROWS.stream().flatMap(row -> Stream.of(row.needs(), row.steps())), Stream.of(OF_OPERATIONS))
                .flatMap(text -> Stream.of(text.split(" (?=--)|; *"))).filter(option -> !option.isEmpty())
                .forEach(option -> samples.put(option.split(" ")[0], option));
        return samples;
    }

    @Test
    void theTableHasEveryTechniqueAndEveryOption() {
        Set<String> names = new TreeSet<>(Arrays.stream(Operation.values()).map(Operation::label).toList());
        ROWS.forEach(row -> assertTrue(names.add(row.technique()), row.technique()));
        Set<String> known = new TreeSet<>();
        command().positionalParameters().getFirst().completionCandidates().forEach(known::add);
        assertEquals(known, names);
        Set<String> options = command().options().stream().map(OptionSpec::longestName)
                .collect(Collectors.toCollection(TreeSet::new));
        options.removeAll(COMMON);
        assertEquals(options, samples().keySet());
    }

    @ParameterizedTest
    @FieldSource("ROWS")
    void everyOptionMakesADifference(Row row) throws IOException {
        List<String> options = new ArrayList<>(List.of(row.needs()));
        assertEquals(new Cli(0, "", ""), apply(row.technique(), options, "out0"));
        Map<String, String> before = written("out0");
        assertTrue(before.containsKey("y.npy"), before.toString());
        for (String step : Stream.of(row.steps().split("; *")).filter(step -> !step.isEmpty()).toList()) {
            options.add(step);
            String out = "out" + options.size();
            assertEquals(new Cli(0, "", ""), apply(row.technique(), options, out), step);
            if (step.startsWith("--backend")) {
                assertEquals(before, written(out), step);
            } else {
                assertNotEquals(before, written(out), step);
            }
            before = written(out);
        }
    }

    private Map<String, String> written(String out) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory.resolve(out))) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @ParameterizedTest
    @FieldSource("ROWS")
    void otherOptionsAreRefused(Row row) {
        samples().forEach((option, sample) -> {
            if (!row.options().contains(option)) {
                assertRefused(row.technique(), option, List.of(row.needs(), sample));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void operationsRefuseOptionsOfTechniques(Operation operation) {
        Set<String> useful = Stream
                .of((OF_OPERATIONS + " --scale --shift --eps --backend --running-mean --running-var "
                        + (operation == Operation.BATCH_NORM ? RUNNING + " --running-variance" : "")).split("[ ;]+"))
                .collect(Collectors.toSet());
        if (operation != Operation.BATCH_NORM) {
            useful.remove("--single-value");
        }
        samples().forEach((option, sample) -> {
            if (!useful.contains(option)) {
                assertRefused(operation.label(), option, List.of(sample));
            }
        });
    }

    private void assertRefused(String name, String option, List<String> options) {
        assertEquals(new Cli(2, "", "apply: " + option + " is not for " + name + System.lineSeparator()),
                apply(name, options, "none"), option);
        assertTrue(Files.notExists(directory.resolve("none")), option);
    }

    @Test
    void helpTellsWhichTechniqueReadsWhat() {
        String help = Cli.run("apply", "--help").out().replaceAll("\\s+", " ");
        for (Row row : ROWS) {
            int start = help.lastIndexOf(" " + row.technique() + ": ");
            assertTrue(start >= 0, row.technique());
            String line = help.substring(start).replaceAll("^ \\w+: ((?:[-\\w]+,? ?)*).*$", "$1");
            Set<String> told = Stream.of(line.split("[, ]+")).filter(word -> word.startsWith("--"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(new TreeSet<>(row.options()), told, line);
        }
    }
}
