package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.Momentum;
import normkit.RmsNorm;
import normkit.RunningStatistics;
import normkit.bench.files.Element;
import normkit.bench.files.TensorFile;
import normkit.techniques.BatchRenorm;
import normkit.techniques.MeanOnlyBatchNorm;
import normkit.techniques.PaddedBatchNorm;
import normkit.techniques.PaddedNorm;
import normkit.techniques.Positions;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code apply} with relatives of batch norm, and with padding, writes what their plans compute. */
class BatchFamilyTest {

    private static final TensorSpec X = TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, 3, 5, 4);
    private static final TensorSpec CHANNELS = rows(4);
    private static final Positions VALID = Positions.lengths(5, 2, 5, 0);

    @TempDir
    Path directory;

    private final Tensor x = random(X, 1);
    private final Tensor dy = random(X, 2);
    private final Tensor scale = random(CHANNELS, 3);
    private final Tensor shift = random(CHANNELS, 4);
    private final Tensor mean = random(CHANNELS, 5);
    private final Tensor variance = random(CHANNELS, 6);
    private final Tensor y = Tensor.allocate(X);
    private final Tensor dscale = Tensor.allocate(CHANNELS);
    private final Tensor dshift = Tensor.allocate(CHANNELS);

    private static TensorSpec rows(long... shape) {
        return TensorSpec.of(DataType.F64, Layout.ROWS, shape);
    }

    @BeforeEach
    void makeFiles() throws IOException {
        Map.of("x", x, "dy", dy, "scale", scale, "shift", shift, "mean", mean, "var", variance).forEach(this::save);
        save("lengths", Tensor.of(rows(3), new double[] {2, 5, 0}));
        save("mask", Tensor.of(rows(3, 5), new double[] {1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}));
        save("halves", Tensor.of(rows(3), new double[] {2, 2.5, 0}));
        save("long", Tensor.of(rows(3), new double[] {2, 6, 0}));
        save("twos", Tensor.of(rows(3, 5), new double[] {1, 1, 2, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}));
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble(0.5, 2));
        }
        return tensor;
    }

    private void save(String name, Tensor tensor) {
        try (OutputStream out = Files.newOutputStream(directory.resolve(name + ".npy"))) {
            TensorFile.write(tensor, Element.F8, Channels.newChannel(out));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs, and compares all files that come out. */
    private void apply(String line, Map<String, Tensor> expected) throws IOException {
        Cli run = Cli.runIn(directory, Cli.words("apply " + line + " --x x.npy --layout nxc --out out"));
        assertEquals(new Cli(0, "", ""), run);
        Map<String, double[]> written = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory.resolve("out")); Arena arena = Arena.ofConfined()) {
            for (Path file : files.toList()) {
                Tensor tensor = TensorFile.read(file, arena).tensor(Layout.ROWS);
                written.put(file.getFileName().toString().replace(".npy", ""), values(tensor));
            }
        }
        assertEquals(new TreeMap<>(expected).keySet(), written.keySet());
        expected.forEach((name, tensor) -> assertArrayEquals(values(tensor), written.get(name), name));
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.spec().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }

    private RunningStatistics running() {
        return new RunningStatistics(random(CHANNELS, 5), random(CHANNELS, 6), 0);
    }

    @Test
    void batchRenormTrains() throws IOException {
        RunningStatistics running = running();
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(4);
        try (BatchRenorm.Plan plan =
                BatchRenorm.create().withoutShift().epsilon(1e-4).momentum(Momentum.ofNew(0.25)).plan(X)) {
            plan.train(x, scale, null, y, saved, running, new BatchRenorm.Limits(1.25, 5));
        }
        apply("batch_renorm --scale scale.npy --eps 1e-4 --momentum 0.25 --r-max 1.25 --running-mean mean.npy "
                + "--running-var var.npy",
                Map.of("y", y, "mean", saved.mean(), "rstd", saved.rstd(), "r", saved.r(), "d", saved.d(),
                        "running_mean", running.statistics().mean(), "running_var", running.statistics().variance()));
    }

    @Test
    void batchRenormInfersAndHasItsGradients() throws IOException {
        Tensor dx = Tensor.allocate(X);
        BatchRenorm.Saved saved = BatchRenorm.Saved.allocate(4);
        try (BatchRenorm.Plan plan = BatchRenorm.create().plan(X)) {
            plan.infer(x, scale, shift, running(), y);
            apply("batch_renorm --mode infer --scale scale.npy --shift shift.npy --running-mean mean.npy "
                    + "--running-var var.npy", Map.of("y", y));
            Files.delete(directory.resolve("out/y.npy"));
            plan.train(x, scale, shift, y, saved, running(), new BatchRenorm.Limits(3, 0.5));
            plan.backward(dy, x, scale, saved, dx, dscale, dshift);
        }
        apply("batch_renorm --mode backward --dy dy.npy --scale scale.npy --d-max 0.5 --running-mean mean.npy "
                + "--running-var var.npy", Map.of("dx", dx, "dscale", dscale, "dshift", dshift));
    }

    @Test
    void meanOnlyBatchNormInEveryMode() throws IOException {
        RunningStatistics running = running();
        try (MeanOnlyBatchNorm.Plan plan = MeanOnlyBatchNorm.create().plan(X)) {
            plan.infer(x, shift, mean, y);
            apply("mean_only_batch_norm --mode infer --shift shift.npy --running-mean mean.npy", Map.of("y", y));
            plan.train(x, shift, y, running);
            apply("mean_only_batch_norm --shift shift.npy --running-mean mean.npy",
                    Map.of("y", y, "running_mean", running.statistics().mean()));
            Files.delete(directory.resolve("out/y.npy"));
            Files.delete(directory.resolve("out/running_mean.npy"));
            plan.backward(dy, y, dshift);
        }
        apply("mean_only_batch_norm --mode backward --dy dy.npy", Map.of("dx", y, "dshift", dshift));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--lengths lengths.npy", "--mask mask.npy"})
    void batchNormTrainsOnValidPositions(String padding) throws IOException {
        RunningStatistics running = running();
        Statistics saved = Statistics.allocate(CHANNELS);
        try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(BatchNorm.create().withoutShift()).plan(X)) {
            plan.train(x, VALID, scale, null, y, saved, running);
        }
        apply("batch_norm --scale scale.npy --running-mean mean.npy --running-var var.npy " + padding,
                Map.of("y", y, "mean", saved.mean(), "rstd", saved.rstd(), "running_mean", running.statistics().mean(),
                        "running_var", running.statistics().variance()));
    }

    @Test
    void batchNormInfersAndHasItsGradientsOnValidPositions() throws IOException {
        Statistics saved = Statistics.allocate(CHANNELS);
        Tensor dx = Tensor.allocate(X);
        try (PaddedBatchNorm.Plan plan = PaddedBatchNorm.of(BatchNorm.create()).plan(X)) {
            plan.infer(x, VALID, scale, shift, running().statistics(), y);
            apply("batch_norm --mode infer --scale scale.npy --shift shift.npy --running-mean mean.npy --running-var "
                    + "var.npy --lengths lengths.npy", Map.of("y", y));
            Files.delete(directory.resolve("out/y.npy"));
            plan.train(x, VALID, scale, shift, y, saved, null);
            plan.backward(dy, x, VALID, scale, saved, dx, dscale, dshift);
        }
        apply("batch_norm --mode backward --dy dy.npy --scale scale.npy --lengths lengths.npy",
                Map.of("dx", dx, "dscale", dscale, "dshift", dshift));
    }

    @Test
    void otherNormsOfValidPositions() throws IOException {
        try (PaddedNorm.Plan plan = PaddedNorm.of(GroupNorm.of(2)).plan(X)) {
            PaddedNorm.Saved saved = plan.forward(x, VALID, scale, shift, y);
            apply("group_norm --groups 2 --scale scale.npy --shift shift.npy --lengths lengths.npy", Map.of("y", y));
            Files.delete(directory.resolve("out/y.npy"));
            plan.backward(dy, x, scale, saved, y, dscale, dshift);
        }
        apply("group_norm --groups 2 --mode backward --dy dy.npy --scale scale.npy --lengths lengths.npy",
                Map.of("dx", y, "dscale", dscale, "dshift", dshift));
    }

    @ParameterizedTest
    @CsvSource({"layer_norm, true", "rms_norm, false", "instance_norm, true"})
    void gradientsOfNormsWithoutParameters(String name, boolean shifted) throws IOException {
        Tensor ones = Tensor.of(CHANNELS, new double[] {1, 1, 1, 1});
        Tensor zeros = shifted ? Tensor.allocate(CHANNELS) : null;
        PaddedNorm norm = switch (name) {
            case "layer_norm" -> PaddedNorm.of(LayerNorm.over(4));
            case "rms_norm" -> PaddedNorm.of(RmsNorm.over(4).epsilon(1e-5));
            default -> PaddedNorm.of(InstanceNorm.create());
        };
        try (PaddedNorm.Plan plan = norm.plan(X)) {
            PaddedNorm.Saved saved = plan.forward(x, VALID, ones, zeros, y);
            plan.backward(dy, x, ones, saved, y, dscale, shifted ? dshift : null);
        }
        apply(name + " --mode backward --dy dy.npy --mask mask.npy",
                shifted ? Map.of("dx", y, "dscale", dscale, "dshift", dshift) : Map.of("dx", y, "dscale", dscale));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"batch_renorm --running-mean mean.npy|--running-var is missing",
        "batch_renorm|--running-mean and --running-var are missing; batch_renorm must have them",
        "batch_renorm --running-mean mean.npy --running-var var.npy --r-max 0.5|rMax is 0.5; it must be at least 1",
        "batch_renorm --lengths lengths.npy|--lengths is not for batch_renorm",
        "batch_norm --r-max 2|--r-max is not for batch_norm",
        "switchable_norm --d-max 2|--d-max is not for switchable_norm",
        "mean_only_batch_norm --scale scale.npy|--scale is not for mean_only_batch_norm",
        "mean_only_batch_norm --running-var var.npy|--running-var is not for mean_only_batch_norm",
        "mean_only_batch_norm --mode infer|--running-mean is missing",
        "mean_only_batch_norm --eps 1e-3|--eps is not for mean_only_batch_norm",
        "batch_norm --lengths lengths.npy --mask mask.npy|--mask is instead of --lengths",
        "batch_norm --lengths halves.npy|halves.npy has 2.5; it must have whole numbers from 0 to 5",
        "batch_norm --lengths long.npy|long.npy has 6.0; it must have whole numbers from 0 to 5",
        "batch_norm --lengths mean.npy|has shape 4; it must be 3",
        "batch_norm --mask twos.npy|twos.npy has 2.0; it must have zeros and ones",
        "batch_norm --mask mask.npy --mode infer|--running-mean and --running-var are missing",
        "batch_norm --mask mask.npy --mode backward|--dy is missing",
        "batch_norm --mask mask.npy --mean mean.npy|--mean is not for batch_norm with --mask and --mode train",
        "layer_norm --mask mask.npy --normalized-shape 4|--normalized-shape is not for layer_norm with --mask"})
    void badInputIsToldInOneLine(String line, String message) {
        Cli run = Cli.runIn(directory, Cli.words("apply " + line + " --x x.npy --layout nxc --out o"));
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertTrue(Files.notExists(directory.resolve("o")));
    }

    @Test
    void sequencesNeedALayout() {
        Cli run = Cli.runIn(directory, Cli.words("apply layer_norm --x x.npy --lengths lengths.npy --out o"));
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--layout must be ncx or nxc"), run.err());
    }
}
