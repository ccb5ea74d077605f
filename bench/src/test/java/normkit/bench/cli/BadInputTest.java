package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.Stream;
import normkit.bench.files.Element;
import normkit.bench.files.TensorFile;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong with the input: exit code 2, one line that says what, and not a trace on disk. */
class BadInputTest {

    @TempDir
    Path directory;

    @BeforeEach
    void makeFiles() throws IOException {
        save("x.npy", Element.F4, 2, 6, 4);
        save("wide.npy", Element.F8, 2, 6, 4);
        save("flat.npy", Element.F4, 2, 6);
        save("one.npy", Element.F4, 1, 6);
        save("channels.npy", Element.F4, 6);
        save("channels8.npy", Element.F8, 6);
        save("last.npy", Element.F4, 4);
        byte[] bytes = Files.readAllBytes(directory.resolve("x.npy"));
        Files.write(directory.resolve("cut.npy"), Arrays.copyOf(bytes, bytes.length - 1));
        Files.writeString(directory.resolve("text.txt"), "This is not a tensor.");
        try (InputStream in = BadInputTest.class.getResourceAsStream("/npy/scalar.npy")) {
            Files.copy(in, directory.resolve("scalar.npy"));
        }
    }

    private void save(String name, Element element, long... shape) throws IOException {
        try (OutputStream out = Files.newOutputStream(directory.resolve(name))) {
            TensorFile.write(Tensor.allocate(TensorSpec.of(element.dataType(), Layout.ROWS, shape)), element,
                    Channels.newChannel(out));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"dance|Unmatched argument at index 0: 'dance'",
        "apply batch|no operation is named 'batch'; it must be one of layer_norm,",
        "apply layer_norm --out out|Missing required option: '--x=FILE'",
        "apply layer_norm --x x.npy|Missing required option: '--out=DIR'",
        "apply layer_norm --x x.npy --out out --colour red|Unknown options: '--colour', 'red'",
        "apply layer_norm --x x.npy --out out --mode fly|expected one of",
        "apply layer_norm --x x.npy --out out --layout chw|expected one of",
        "apply layer_norm --x none.npy --out out|none.npy does not exist",
        "apply layer_norm --x . --out out|. is not a regular file",
        "apply layer_norm --x cut.npy --out out|cut.npy is truncated: 191 bytes follow the header;",
        "apply layer_norm --x text.txt --out out|text.txt is not a .npy file",
        "apply layer_norm --x scalar.npy --out out|scalar.npy is a single value; a tensor must have",
        "apply layer_norm --x x.npy --out text.txt|text.txt is not a directory",
        "apply layer_norm --x x.npy --out x.npy/sub|x.npy is not a directory",
        "apply layer_norm --x x.npy --out out --eps -1|--eps is -1.0; it must be finite and at least 0",
        "apply layer_norm --x x.npy --out out --eps NaN|--eps is NaN; it must be finite and at least 0",
        "apply layer_norm --x x.npy --out out --eps small|Invalid value for option '--eps'",
        "apply layer_norm --x x.npy --out out --scale channels.npy|has shape 6; it must be 4",
        "apply layer_norm --x x.npy --out out --scale none.npy|none.npy does not exist",
        "apply layer_norm --x x.npy --out out --scale text.txt|text.txt is not a .npy file",
        "apply layer_norm --x x.npy --out out --normalized-shape 6x5|--normalized-shape is 6x5; it must be the",
        "apply layer_norm --x x.npy --out out --normalized-shape 1x2x6x4|--normalized-shape is 1x2x6x4; it must be",
        "apply layer_norm --x x.npy --out out --normalized-shape 6,4|'6,4' must be axis lengths such as 3x5x7",
        "apply layer_norm --x x.npy --out out --normalized-shape 6x-4|'6x-4' must be axis lengths such as 3x5x7",
        "apply layer_norm --x x.npy --out out --groups 2|--groups is for group_norm, not for layer_norm",
        "apply layer_norm --x x.npy --out out --activation swish|--activation: activation is swish; it must be one of",
        "apply layer_norm --x x.npy --out out --activation-before leaky_relu(0)|--activation-before: slope is 0.0;",
        "apply batch_norm --x x.npy --out out --residual x.npy|batch_norm has a residual; it must be layer or RMS norm",
        "apply layer_norm --x x.npy --out out --residual x.npy --activation-before relu|it must be one of them",
        "apply layer_norm --x x.npy --out out --residual flat.npy|has shape 2x6; it must be 2x6x4",
        "apply layer_norm --x x.npy --out out --residual x.npy --dsum x.npy|--dsum is for --mode backward with --resid",
        "apply layer_norm --x x.npy --out out --activation relu --backend onednn|fused norm,relu is not supported",
        "apply weight_norm --x x.npy --out out --activation relu|--activation is not for weight_norm",
        "apply weight_norm --x x.npy --out out --residual x.npy|--residual is not for weight_norm",
        "apply weight_norm --x x.npy --out out --groups 2|--groups is not for weight_norm",
        "apply weight_norm --x x.npy --out out --frozen|--frozen is not for weight_norm",
        "apply weight_norm --x x.npy --out out --size 3|--size is not for weight_norm",
        "apply weight_norm --x x.npy --out out --eps 1|--eps is not for weight_norm",
        "apply weight_norm --x x.npy --out out --mean x.npy|--mean is not for weight_norm",
        "apply weight_norm --x x.npy --out out --dy x.npy|--dy is for --mode backward",
        "apply weight_norm --x x.npy --out out --mode backward|--dy is missing; --mode backward must have it",
        "apply weight_norm --x x.npy --out out --dim 3|dim is 3; it must be -3 to 2",
        "apply weight_norm --x x.npy --out out --scale channels.npy|has shape 6; it must be 2",
        "apply weight_standardization --x x.npy --out out --convention mine|Invalid value for option '--convention'",
        "apply weight_standardization --x x.npy --out out --eps -1|--eps is -1.0; it must be finite and at least 0",
        "apply weight_standardization --x x.npy --out out --backend none|none",
        "apply spectral_norm --x x.npy --out out --iterations 0|iterations is 0; it must be at least 1",
        "apply local_response_norm --x x.npy --out out|--size is missing; local_response_norm must have it",
        "apply local_response_norm --x flat.npy --out out --size 3 --within-channel|it must have a spatial axis",
        "apply lp_norm --x x.npy --out out --p 0.5|p is 0.5; it must be at least 1",
        "apply scale_norm --x x.npy --out out|--scale is missing; scale_norm must have it",
        "apply mean_variance_norm --x x.npy --out out --axes 0,0|axis 0 is twice; it must be once",
        "apply min_max_scaling --x x.npy --out out --range 1,1|its ends must be finite and the first less than",
        "apply min_max_scaling --x x.npy --out out --range 1|--range has 1 numbers; it must be low,high",
        "explain weight_norm --shape 3x4|weight_norm is for apply only; the operation must be one of layer_norm,",
        "apply layer_norm --x x.npy --out out --backend abacus|no backend is named 'abacus'; there are",
        "apply layer_norm --x x.npy --out out --dy x.npy|--dy is for --mode backward",
        "apply layer_norm --x x.npy --out out --mode backward|--dy is missing",
        "apply layer_norm --x x.npy --out out --mode backward --dy flat.npy|has shape 2x6; it must be 2x6x4",
        "apply layer_norm --x x.npy --out out --mode backward --dy wide.npy|has type f8; it must be f4 or f2",
        "apply layer_norm --x x.npy --out out --mode backward --dy x.npy --mean flat.npy|the variance is missing",
        "apply layer_norm --x x.npy --out out --mode backward --dy x.npy --var flat.npy|the mean is missing",
        "apply layer_norm --x x.npy --out out --mode backward --dy x.npy --var flat.npy --rstd flat.npy --mean "
                + "flat.npy|--rstd is instead of --var",
        "apply layer_norm --x x.npy --out out --running-mean last.npy|--running-mean is for batch_norm",
        "apply layer_norm --x x.npy --out out --frozen|--frozen is for batch_norm with --mode backward",
        "apply rms_norm --x x.npy --out out --mode backward --dy x.npy --mean flat.npy|rms_norm has no mean",
        "apply layer_norm --x x.npy --out out --png y.png|to become a picture it must be 1xCxHxW",
        "apply group_norm --x x.npy --out out|--groups is missing; group_norm must have it",
        "apply group_norm --x x.npy --out out --groups 0|--groups is 0; it must be a divisor of the 6 channels",
        "apply group_norm --x x.npy --out out --groups 4|--groups is 4; it must be a divisor of the 6 channels",
        "apply group_norm --x x.npy --out out --groups 3 --layout nxc|--groups is 3; it must be a divisor of the 4",
        "apply group_norm --x x.npy --out out --groups 3 --layout rows|group_norm needs a channel axis",
        "apply instance_norm --x channels.npy --out out|channels.npy: shape 6 has rank 1, but layout",
        "apply batch_norm --x x.npy --out out --scale last.npy|has shape 4; it must be 6",
        "apply batch_norm --x x.npy --out out --scale channels8.npy|has type f8; it must be f4 or f2, since x is",
        "apply batch_norm --x x.npy --out out --running-mean channels.npy|--running-var is missing",
        "apply batch_norm --x x.npy --out out --running-var channels.npy|--running-mean is missing",
        "apply batch_norm --x x.npy --out out --momentum 1.5|--momentum is 1.5; it must be 0 to 1",
        "apply batch_norm --x x.npy --out out --batches -1|--batches is -1; it must be at least 0",
        "apply batch_norm --x one.npy --out out|one.npy has one value per channel; training needs more",
        "apply batch_norm --x x.npy --out out --mode infer|the mean is missing; given statistics must be",
        "apply batch_norm --x x.npy --out out --mode infer --mean channels.npy --var channels.npy --running-mean "
                + "channels.npy --running-var channels.npy|only one of the two must be given",
        "apply batch_norm --x x.npy --out out --mean channels.npy --var channels.npy|--mean is for --mode",
        "explain batch_norm|Missing required argument (specify one of these)",
        "explain batch_norm --shape 3|shape 3 has rank 1, but layout CHANNELS_FIRST needs at least rank 2",
        "explain batch_norm --shape 3x4 --backend abacus|no backend is named 'abacus'; there are",
        "explain batch_norm --x text.txt|text.txt is not a .npy file",
        "explain batch_norm --shape 3x4 --effort hard|Invalid value for option '--effort'",
        "tune --budget 0|--budget is 0.0; it must be above 0", "tune --budget NaN|--budget is NaN; it must be above 0",
        "tune --only lrn|--only leaves no problem: none has lrn",
        "tune --op layer_norm|Missing required argument(s): --shape",
        "tune --op layer_norm --shape 3x|'3x' must be axis lengths such as 3x5x7",
        "tune --op group_norm --shape 2x6x4 --groups 4|groups is 4; it must be a divisor of the 6 channels",
        "tune --wisdom text.txt --op layer_norm --shape 2x3|text.txt is not a wisdom file of this version",
        "tune --wisdom x.npy/w.txt --op layer_norm --shape 2x3|x.npy is not a directory",
        "tune --carrier disk|Invalid value for option '--carrier'",
        "regret --budget -1|--budget is -1.0; it must be above 0", "regret --only abacus|--only leaves no problem",
        "conformance --backend abacus|no backend is named 'abacus'; there are",
        "conformance --json x.npy/c.json|x.npy is not a directory"})
    void isToldInOneLine(String line, String message) throws IOException {
        TreeSet<Path> before = files();
        Cli run = Cli.runIn(directory, Cli.words(line));
        assertEquals(2, run.exitCode(), run.toString());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(before, files());
    }

    private TreeSet<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return new TreeSet<>(files.toList());
        }
    }
}
