package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import normkit.Momentum;
import normkit.RunningStatistics;
import normkit.bench.files.Element;
import normkit.bench.files.TensorFile;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.techniques.BatchInstanceNorm;
import normkit.techniques.BatchLayerNorm;
import normkit.techniques.SwitchableNorm;
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

/** {@code apply} with techniques writes what their plans compute. */
class TechniquesTest {

    private static final TensorSpec X = TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, 3, 4, 5, 2);
    private static final TensorSpec CHANNELS = TensorSpec.of(DataType.F64, Layout.ROWS, 2);
    private static final TensorSpec LOGITS = TensorSpec.of(DataType.F64, Layout.ROWS, 3);

    @TempDir
    Path directory;

    private final Tensor x = random(X, 1);
    private final Tensor dy = random(X, 2);
    private final Tensor scale = random(CHANNELS, 3);
    private final Tensor shift = random(CHANNELS, 4);
    private final Tensor gate = random(CHANNELS, 5);
    private final Tensor meanLogits = random(LOGITS, 6);
    private final Tensor varianceLogits = random(LOGITS, 7);
    private final Tensor style = random(TensorSpec.of(DataType.F64, Layout.CHANNELS_LAST, 3, 2, 7, 2), 8);

    @BeforeEach
    void makeFiles() throws IOException {
        save("x", x);
        save("dy", dy);
        save("scale", scale);
        save("shift", shift);
        save("gate", gate);
        save("meanlogits", meanLogits);
        save("variancelogits", varianceLogits);
        save("style", style);
        save("ones", ones(CHANNELS));
        save("flat", ones(TensorSpec.rows(3, 2).as(DataType.F64)));
    }

    private static Tensor random(TensorSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor tensor = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            tensor.set(i, random.nextDouble());
        }
        return tensor;
    }

    private static Tensor ones(TensorSpec spec) {
        Tensor ones = Tensor.allocate(spec);
        for (long i = 0; i < spec.elements(); i++) {
            ones.set(i, 1);
        }
        return ones;
    }

    private void save(String name, Tensor tensor) throws IOException {
        try (OutputStream out = Files.newOutputStream(directory.resolve(name + ".npy"))) {
            TensorFile.write(tensor, Element.F8, Channels.newChannel(out));
        }
    }

    private void apply(String line) {
        Cli run = Cli.runIn(directory, Cli.words("apply " + line + " --x x.npy --layout nxc --out out"));
        assertEquals(new Cli(0, "", ""), run);
    }

    private void assertWritten(String... names) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("out"))) {
            assertEquals(new TreeSet<>(Stream.of(names).map(name -> name + ".npy").toList()),
                    new TreeSet<>(files.map(file -> file.getFileName().toString()).toList()));
        }
    }

    private void assertWritten(String name, Tensor expected) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor actual = TensorFile.read(directory.resolve("out/" + name + ".npy"), arena).tensor(Layout.ROWS);
            double[] values = new double[(int) actual.spec().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = actual.get(i);
            }
            assertArrayEquals(expected.doubles(), values, name);
        }
    }

    @Test
    void batchInstanceNormTrains() throws IOException {
        apply("batch_instance_norm --scale scale.npy --gate gate.npy --eps 1e-4 --running-mean shift.npy "
                + "--running-var ones.npy --momentum 0.25");
        assertWritten("y", "mean", "var", "running_mean", "running_var");
        Tensor y = Tensor.allocate(X);
        RunningStatistics running = RunningStatistics.allocate(DataType.F64, 2);
        running.statistics().mean().set(0, shift.get(0));
        running.statistics().mean().set(1, shift.get(1));
        try (BatchInstanceNorm.Plan plan =
                BatchInstanceNorm.create().withoutShift().epsilon(1e-4).momentum(Momentum.ofNew(0.25)).plan(X)) {
            Statistics save = plan.newStatistics();
            plan.train(x, new BatchInstanceNorm.Parameters(scale, null, gate), y, save, running);
            assertWritten("mean", save.mean());
            assertWritten("var", save.variance());
        }
        assertWritten("y", y);
        assertWritten("running_mean", running.statistics().mean());
        assertWritten("running_var", running.statistics().variance());
    }

    @Test
    void batchLayerNormInfers() throws IOException {
        apply("batch_layer_norm --mode infer --shift shift.npy --running-mean scale.npy --running-var ones.npy "
                + "--batch-size 25");
        assertWritten("y");
        Tensor y = Tensor.allocate(X);
        try (BatchLayerNorm.Plan plan = BatchLayerNorm.create().withoutScale().batchSize(25).plan(X)) {
            plan.infer(x, new BatchLayerNorm.Parameters(null, shift), Statistics.meanAndVariance(scale, ones(CHANNELS)),
                    y);
        }
        assertWritten("y", y);
    }

    @Test
    void switchableNormHasItsGradients() throws IOException {
        apply("switchable_norm --mode backward --dy dy.npy --mean-logits meanlogits.npy --variance-logits "
                + "variancelogits.npy");
        assertWritten("dx", "dscale", "dshift", "dmean_logits", "dvariance_logits");
        SwitchableNorm.Parameters parameters =
                new SwitchableNorm.Parameters(ones(CHANNELS), Tensor.allocate(CHANNELS), meanLogits, varianceLogits);
        SwitchableNorm.Parameters gradients = new SwitchableNorm.Parameters(Tensor.allocate(CHANNELS),
                Tensor.allocate(CHANNELS), Tensor.allocate(LOGITS), Tensor.allocate(LOGITS));
        Tensor dx = Tensor.allocate(X);
        try (SwitchableNorm.Plan plan = SwitchableNorm.create().plan(X)) {
            Statistics saved = plan.newStatistics();
            plan.train(x, parameters, Tensor.allocate(X), saved, null);
            plan.backward(dy, x, parameters, saved, dx, gradients);
        }
        assertWritten("dx", dx);
        assertWritten("dscale", gradients.scale());
        assertWritten("dshift", gradients.shift());
        assertWritten("dmean_logits", gradients.meanLogits());
        assertWritten("dvariance_logits", gradients.varianceLogits());
    }

    @Test
    void adaptiveInstanceNormHasItsGradients() throws IOException {
        apply("adaptive_instance_norm --mode backward --dy dy.npy --style style.npy --strength 0.5");
        assertWritten("dx", "dstyle");
        Tensor dx = Tensor.allocate(X);
        Tensor dstyle = Tensor.allocate(style.spec());
        try (AdaptiveInstanceNorm.Plan plan = AdaptiveInstanceNorm.create().strength(0.5).plan(X, style.spec())) {
            Statistics ofContent = plan.newStatistics();
            Statistics ofStyle = plan.newStatistics();
            plan.forward(x, style, dx, ofContent, ofStyle);
            plan.backward(dy, x, style, ofContent, ofStyle, dx, dstyle);
        }
        assertWritten("dx", dx);
        assertWritten("dstyle", dstyle);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "explain switchable_norm --shape 3x4|switchable_norm is for apply only; the operation must be one of layer_norm,",
        "apply adaptive_instance_norm --x x.npy --out o --layout nxc|--style is missing",
        "apply adaptive_instance_norm --x x.npy --out o --layout nxc --style none.npy|none.npy does not exist",
        "apply adaptive_instance_norm --x x.npy --out o --layout nxc --style flat.npy --strength 2|strength is 2.0",
        "apply adaptive_instance_norm --x x.npy --out o --layout nxc --style ones.npy|rank 1",
        "apply adaptive_instance_norm --x x.npy --out o --style style.npy|it must have as many samples and channels",
        "apply adaptive_instance_norm --x x.npy --out o --style style.npy --scale ones.npy|--scale is not for",
        "apply batch_instance_norm --x x.npy --out o --style x.npy|--style is not for batch_instance_norm",
        "apply batch_instance_norm --x x.npy --out o --gate gate.npy|has shape 2; it must be 4",
        "apply batch_instance_norm --x x.npy --out o --groups 2|--groups is not for batch_instance_norm",
        "apply batch_instance_norm --x x.npy --out o --layout rows|has no channel axis",
        "apply batch_instance_norm --x x.npy --out o --mode infer|--running-mean and --running-var are missing",
        "apply batch_instance_norm --x x.npy --out o --running-mean gate.npy|--running-var is missing",
        "apply batch_instance_norm --x x.npy --out o --mode backward|--dy is missing",
        "apply batch_instance_norm --x x.npy --out o --dy x.npy|--dy is for --mode backward",
        "apply batch_instance_norm --x x.npy --out o --momentum 2|--momentum is 2.0; it must be 0 to 1",
        "apply batch_instance_norm --x x.npy --out o --backend onednn|",
        "apply batch_layer_norm --x x.npy --out o --eps -1|--eps is -1.0; it must be finite and at least 0",
        "apply batch_layer_norm --x x.npy --out o --batch-size 0|batch size is 0; it must be at least 1",
        "apply switchable_norm --x x.npy --out o --pixels|--pixels is for --png",
        "apply switchable_norm --x x.npy --out o --png y.png|to become a picture it must be",
        "apply switchable_norm --x x.npy --out o --mean-logits gate.npy|has shape 2; it must be 3"})
    void badInputIsToldInOneLine(String line, String message) {
        Cli run = Cli.runIn(directory, Cli.words(line));
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(message == null ? "" : message), run.err());
        assertTrue(Files.notExists(directory.resolve("o")));
    }

    /** A landscape at noon, and a smaller sunset whose colours it is to take. */
    private void paintPictures() throws IOException {
        paint("noon.png", 200, 150, new Color(70, 140, 230), new Color(190, 220, 250), new Color(60, 130, 50),
                new Color(250, 250, 200));
        paint("sunset.png", 120, 90, new Color(110, 60, 100), new Color(210, 130, 80), new Color(70, 50, 60),
                new Color(230, 190, 110));
    }

    private void paint(String name, int width, int height, Color top, Color horizon, Color ground, Color sun)
            throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = image.createGraphics();
        graphics.setPaint(new GradientPaint(0, 0, top, 0, height * 0.7f, horizon));
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(sun);
        graphics.fillOval(width * 2 / 3, height / 5, height / 5, height / 5);
        graphics.setPaint(new GradientPaint(0, height * 0.6f, ground.brighter(), 0, height, ground));
        graphics.fillPolygon(new int[] {0, 0, width / 3, width * 2 / 3, width, width},
                new int[] {height, height * 3 / 4, height / 2, height * 4 / 5, height * 3 / 5, height}, 6);
        graphics.dispose();
        ImageIO.write(image, "png", directory.resolve(name).toFile());
    }

    /** Colours by AdaIN on pixels: every channel of the result has the mean and deviation of the style's channel. */
    @Test
    void aPictureTakesTheColoursOfAnother() throws IOException {
        paintPictures();
        Cli run = Cli.runIn(directory, "apply", "adaptive_instance_norm", "--x", "noon.png", "--style", "sunset.png",
                "--out", "out", "--png", "transferred.png", "--pixels");
        assertEquals(new Cli(0, "", ""), run);
        double[][] sunset = colours("sunset.png");
        double[][] transferred = colours("transferred.png");
        double[][] noon = colours("noon.png");
        for (int c = 0; c < 3; c++) {
            // Rounding to whole numbers and clipping to 0 … 255 change a little.
            assertEquals(sunset[c][0], transferred[c][0], 3, "mean of channel " + c);
            assertEquals(sunset[c][1], transferred[c][1], 4, "deviation of channel " + c);
            assertTrue(Math.abs(noon[c][0] - transferred[c][0]) > 20, "channel " + c + " has changed");
        }
        BufferedImage result = ImageIO.read(directory.resolve("transferred.png").toFile());
        assertEquals(200, result.getWidth());
        assertEquals(150, result.getHeight());
    }

    /** Mean and deviation of red, green and blue. */
    private double[][] colours(String name) throws IOException {
        BufferedImage image = ImageIO.read(directory.resolve(name).toFile());
        double[][] colours = new double[3][2];
        double count = (double) image.getWidth() * image.getHeight();
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < count; i++) {
                int value = image.getRGB(i % image.getWidth(), i / image.getWidth()) >> 16 - 8 * c & 255;
                sum += value;
                squares += (double) value * value;
            }
            colours[c][0] = sum / count;
            colours[c][1] = Math.sqrt(squares / count - sum / count * (sum / count));
        }
        return colours;
    }
}
