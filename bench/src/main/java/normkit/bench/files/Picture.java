package normkit.bench.files;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * PNG and JPEG pictures as tensors of one sample with one channel (grey) or three (red, green, blue), values 0 to 255.
 */
public final class Picture {

    private static final int LARGEST = 255;
    private static final int GREY = 1;
    private static final int COLOURS = 3;
    private static final int MAGIC_LENGTH = 8;

    private Picture() {
    }

    /**
     * Tells from its first bytes whether a file is a PNG or JPEG picture.
     *
     * @param file the file
     * @return true for a picture
     * @throws BadInputException if the file is missing or unreadable
     */
    public static boolean is(Path file) {
        TensorFile.requireFile(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(MAGIC_LENGTH);
            boolean png = start.length == MAGIC_LENGTH && start[0] == (byte) 0x89 && start[1] == 'P' && start[2] == 'N'
                    && start[3] == 'G';
            return png || start.length > 2 && start[0] == (byte) 0xFF && start[1] == (byte) 0xD8;
        } catch (IOException e) {
            throw TensorFile.unreadable(file, e);
        }
    }

    /**
     * Reads a picture, or what is none as a tensor.
     *
     * @param file a PNG, JPEG or .npy file
     * @param layout where a picture's channel axis is to be
     * @param arena owner of the memory
     * @return the tensor
     * @throws BadInputException if the file is missing, unreadable or malformed
     */
    public static TensorFile readAny(Path file, Layout layout, Arena arena) {
        return is(file) ? read(file, layout, arena) : TensorFile.read(file, arena);
    }

    /**
     * Reads a picture; transparency is dropped, 16 bits per channel are brought to 0 to 255.
     *
     * @param file a PNG or JPEG file
     * @param layout where the channel axis is; rows are taken as channels-first
     * @param arena owner of the memory
     * @return f32 of shape 1×C×height×width, or 1×height×width×C if channels-last
     * @throws BadInputException if the picture is malformed
     */
    public static TensorFile read(Path file, Layout layout, Arena arena) {
        BufferedImage image = decode(file);
        int channels = image.getRaster().getNumBands() <= 2 && !isPalette(image) ? GREY : COLOURS;
        Grid grid = Grid.of(channels, image.getHeight(), image.getWidth(), layout);
        Tensor tensor = Tensor.allocate(TensorSpec.of(DataType.F32, layout, grid.shape()), arena);
        for (int row = 0; row < grid.height(); row++) {
            for (int column = 0; column < grid.width(); column++) {
                for (int channel = 0; channel < channels; channel++) {
                    tensor.set(grid.index(channel, row, column),
                            channels == GREY
                                    ? grey(image.getRaster(), column, row)
                                    : colour(image, column, row, channel));
                }
            }
        }
        return new TensorFile(file, Element.F4, grid.shape(), tensor.segment(), DataType.F32);
    }

    private static BufferedImage decode(Path file) {
        try {
            BufferedImage image = ImageIO.read(file.toFile());
            if (image == null) {
                throw new BadInputException(file + " is not a picture that can be read; it must be PNG or JPEG");
            }
            return image;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new BadInputException(file + " is not a valid PNG or JPEG picture: " + e.getMessage(), e);
        }
    }

    private static boolean isPalette(BufferedImage image) {
        return image.getColorModel() instanceof IndexColorModel;
    }

    /** The sample itself: getRGB would convert grey from a linear colour space. */
    private static double grey(Raster raster, int column, int row) {
        int bits = raster.getSampleModel().getSampleSize(0);
        return raster.getSampleDouble(column, row, 0) * LARGEST / ((1 << bits) - 1);
    }

    private static double colour(BufferedImage image, int column, int row, int channel) {
        return image.getRGB(column, row) >> Byte.SIZE * (COLOURS - 1 - channel) & LARGEST;
    }

    /**
     * Writes a tensor of one sample as a PNG picture. Values are stretched linearly over the whole picture: the
     * smallest of all channels becomes 0, the largest 255; NaN becomes 0, and if all values are equal they become 128.
     *
     * @param tensor one sample of one or three channels
     * @param out where to write
     * @throws IOException if writing fails
     */
    public static void write(Tensor tensor, OutputStream out) throws IOException {
        write(tensor, Stretch.over(tensor), out);
    }

    /**
     * Writes a tensor of one sample as a PNG picture of the values 0 to 255; those beyond become the nearest of these, NaN
     * becomes 0.
     *
     * @param tensor one sample of one or three channels
     * @param out where to write
     * @throws IOException if writing fails
     */
    public static void writePixels(Tensor tensor, OutputStream out) throws IOException {
        write(tensor, new Stretch(0, LARGEST), out);
    }

    private static void write(Tensor tensor, Stretch stretch, OutputStream out) throws IOException {
        Grid grid = Grid.of(tensor.spec());
        BufferedImage image = new BufferedImage(grid.width(), grid.height(),
                grid.channels() == GREY ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
        for (int row = 0; row < grid.height(); row++) {
            for (int column = 0; column < grid.width(); column++) {
                for (int channel = 0; channel < grid.channels(); channel++) {
                    image.getRaster().setSample(column, row, channel,
                            stretch.apply(tensor.get(grid.index(channel, row, column))));
                }
            }
        }
        ImageIO.write(image, "png", out);
    }

    /**
     * Checks that a tensor can be written as a picture.
     *
     * @param spec what would be written
     * @throws BadInputException if it is not one sample of one or three channels with height and width
     */
    public static void requirePicture(TensorSpec spec) {
        Grid.of(spec);
    }

    /** Where a picture's samples are in a tensor. */
    private record Grid(int channels, int height, int width, boolean channelsLast) {

        static Grid of(int channels, int height, int width, Layout layout) {
            return new Grid(channels, height, width, layout == Layout.CHANNELS_LAST);
        }

        static Grid of(TensorSpec spec) {
            boolean last = spec.layout() == Layout.CHANNELS_LAST;
            long channels = spec.rank() == 4 ? spec.axis(last ? 3 : 1) : 0;
            if (channels != GREY && channels != COLOURS || spec.axis(0) != 1 || spec.elements() == 0
                    || spec.elements() > Integer.MAX_VALUE) {
                throw new BadInputException("--png: y is " + spec + "; to become a picture it must be 1xCxHxW, or "
                        + "1xHxWxC if channels-last, with C 1 or 3");
            }
            return new Grid((int) channels, (int) spec.axis(last ? 1 : 2), (int) spec.axis(last ? 2 : 3), last);
        }

        long[] shape() {
            return channelsLast ? new long[] {1, height, width, channels} : new long[] {1, channels, height, width};
        }

        long index(int channel, int row, int column) {
            return channelsLast
                    ? ((long) row * width + column) * channels + channel
                    : ((long) channel * height + row) * width + column;
        }
    }

    /** The linear map from values to 0 … 255. */
    private record Stretch(double smallest, double largest) {

        static Stretch over(Tensor tensor) {
            double smallest = Double.POSITIVE_INFINITY;
            double largest = Double.NEGATIVE_INFINITY;
            for (long i = 0; i < tensor.spec().elements(); i++) {
                double value = tensor.get(i);
                if (Double.isFinite(value)) {
                    smallest = Math.min(smallest, value);
                    largest = Math.max(largest, value);
                }
            }
            return new Stretch(smallest, largest);
        }

        int apply(double value) {
            if (Double.isNaN(value)) {
                return 0;
            }
            if (smallest >= largest) {
                return (LARGEST + 1) / 2;
            }
            return (int) Math.round(Math.clamp((value - smallest) / (largest - smallest), 0.0, 1.0) * LARGEST);
        }
    }
}
