package normkit.bench.apply;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The files {@code apply} reads and writes. */
final class FileOptions {

    @Option(names = "--x", paramLabel = "FILE", required = true, description = "the input: .npy, or a PNG or JPEG picture as 1xCxHxW (nxc: 1xHxWxC) of 0 to 255 in f4")
    Path x;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the results go, as .npy in x's type")
    Path out;

    @Option(names = "--png", paramLabel = "FILE", description = "also writes y as a PNG picture, stretched linearly over the "
            + "whole picture so that the smallest value is 0 and the largest 255")
    Path png;

    @Option(names = "--pixels", description = "the PNG shows values 0 to 255 as they are, and those beyond as the nearest of these")
    boolean pixels;

    @Option(names = "--dy", paramLabel = "FILE", description = "backward: gradient of y")
    Path dy;

    @Option(names = "--scale", paramLabel = "FILE", description = "gamma (default: none, as if 1)")
    Path scale;

    @Option(names = "--shift", paramLabel = "FILE", description = "beta (default: none, as if 0)")
    Path shift;

    @Option(names = "--residual", paramLabel = "FILE", description = "layer_norm, rms_norm: added to x before; sum.npy is written as well")
    Path residual;

    @Option(names = "--dsum", paramLabel = "FILE", description = "backward with --residual: gradient of the sum from elsewhere, which is added to dx")
    Path dsum;

    @Option(names = "--mean", paramLabel = "FILE", description = "backward: saved mean (default: computed from x); infer of batch_norm: as --running-mean")
    Path mean;

    @Option(names = "--rstd", paramLabel = "FILE", description = "saved 1/sqrt(variance + eps), instead of --var")
    Path rstd;

    @Option(names = "--var", paramLabel = "FILE", description = "biased variance, instead of --rstd")
    Path var;

    @Option(names = "--running-mean", paramLabel = "FILE", description = "batch_norm and techniques: train updates it, infer and frozen backward use it")
    Path runningMean;

    @Option(names = "--running-var", paramLabel = "FILE", description = "goes with --running-mean")
    Path runningVar;
}
