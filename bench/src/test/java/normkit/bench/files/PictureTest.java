package normkit.bench.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {

    @TempDir
    Path directory;

    private Path save(BufferedImage image, String format) throws IOException {
        Path file = directory.resolve("picture." + format);
        assertTrue(ImageIO.write(image, format, file.toFile()));
        return file;
    }

    private static double[] values(Tensor tensor) {
        return LongStream.range(0, tensor.spec().elements()).mapToDouble(tensor::get).toArray();
    }

    /** Two by one pixels: (1, 2, 3) and (250, 128, 0). */
    private static BufferedImage twoPixels(int type) {
        BufferedImage image = new BufferedImage(2, 1, type);
        image.setRGB(0, 0, 0xFF010203);
        image.setRGB(1, 0, 0xFFFA8000);
        return image;
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_INT_ARGB})
    void readsColours(int type) throws IOException {
        Path file = save(twoPixels(type), "png");
        assertTrue(Picture.is(file));
        try (Arena arena = Arena.ofConfined()) {
            TensorFile first = Picture.read(file, Layout.CHANNELS_FIRST, arena);
            assertArrayEquals(new long[] {1, 3, 1, 2}, first.shape());
            assertArrayEquals(new double[] {1, 250, 2, 128, 3, 0}, values(first.tensor(Layout.CHANNELS_FIRST)));
            TensorFile last = Picture.read(file, Layout.CHANNELS_LAST, arena);
            assertArrayEquals(new long[] {1, 1, 2, 3}, last.shape());
            assertArrayEquals(new double[] {1, 2, 3, 250, 128, 0}, values(last.tensor(Layout.CHANNELS_LAST)));
        }
    }

    @Test
    void readsGreyWithoutConvertingIt() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSamples(0, 0, 3, 1, 0, new int[] {0, 77, 255});
        try (Arena arena = Arena.ofConfined()) {
            TensorFile file = Picture.read(save(image, "png"), Layout.CHANNELS_FIRST, arena);
            assertArrayEquals(new long[] {1, 1, 1, 3}, file.shape());
            assertArrayEquals(new double[] {0, 77, 255}, values(file.tensor(Layout.CHANNELS_FIRST)));
        }
    }

    @Test
    void bringsSixteenBitsToTheSameRange() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSamples(0, 0, 2, 1, 0, new int[] {65535, 257});
        try (Arena arena = Arena.ofConfined()) {
            TensorFile file = Picture.read(save(image, "png"), Layout.CHANNELS_FIRST, arena);
            assertArrayEquals(new double[] {255, 1}, values(file.tensor(Layout.CHANNELS_FIRST)));
        }
    }

    @Test
    void readsJpeg() throws IOException {
        BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(128, 128, 128));
        graphics.fillRect(0, 0, 16, 8);
        graphics.dispose();
        Path file = save(image, "jpg");
        assertTrue(Picture.is(file));
        try (Arena arena = Arena.ofConfined()) {
            TensorFile read = Picture.read(file, Layout.CHANNELS_FIRST, arena);
            assertArrayEquals(new long[] {1, 3, 8, 16}, read.shape());
            for (double value : values(read.tensor(Layout.CHANNELS_FIRST))) {
                assertEquals(128, value, 1);
            }
        }
    }

    @Test
    void tellsPicturesFromOtherFiles() throws IOException {
        assertFalse(Picture.is(Files.write(directory.resolve("empty"), new byte[0])));
        assertFalse(Picture.is(Files.writeString(directory.resolve("text"), "\u0089PNX, but not quite")));
        byte[] magic = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
        Path broken = Files.write(directory.resolve("broken.png"), magic);
        assertTrue(Picture.is(broken));
        try (Arena arena = Arena.ofConfined()) {
            String message =
                    assertThrows(BadInputException.class, () -> Picture.read(broken, Layout.CHANNELS_FIRST, arena))
                            .getMessage();
            assertTrue(message.startsWith(broken + " is not a"), message);
        }
    }

    private static BufferedImage written(Tensor tensor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Picture.write(tensor, out);
        return ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    }

    @Test
    void stretchesFromSmallestToLargestOverAllChannels() throws IOException {
        Tensor tensor = Tensor.of(TensorSpec.channelsFirst(1, 3, 1, 2), new float[] {-2, 3, 0, 0.5f, 1, Float.NaN});
        BufferedImage image = written(tensor);
        assertEquals(2, image.getWidth());
        assertEquals(1, image.getHeight());
        // (v + 2)·51, rounded.
        assertEquals(0xFF000000 | 0 << 16 | 102 << 8 | 153, image.getRGB(0, 0));
        assertEquals(0xFF000000 | 255 << 16 | 128 << 8 | 0, image.getRGB(1, 0));
        Tensor last = Tensor.of(TensorSpec.channelsLast(1, 1, 2, 3), new float[] {-2, 0, 1, 3, 0.5f, Float.NaN});
        assertEquals(image.getRGB(1, 0), written(last).getRGB(1, 0));
    }

    @Test
    void writesGreyAndConstantPictures() throws IOException {
        BufferedImage image = written(Tensor.of(TensorSpec.channelsFirst(1, 1, 2, 1), new float[] {5, 5}));
        assertEquals(1, image.getRaster().getNumBands());
        assertEquals(128, image.getRaster().getSample(0, 1, 0));
    }

    @Test
    void pixelsStayAsTheyAreAndAreClipped() throws IOException {
        Tensor tensor = Tensor.of(TensorSpec.channelsFirst(1, 1, 1, 5), new float[] {-7, 0.6f, 100, 254.4f, 300});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Picture.writePixels(tensor, out);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
        int[] expected = {0, 1, 100, 254, 255};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], image.getRaster().getSample(i, 0, 0));
        }
    }

    @Test
    void rejectsTensorsThatAreNoPicture() {
        for (TensorSpec spec : List.of(TensorSpec.channelsFirst(2, 3, 4, 4), TensorSpec.channelsFirst(1, 2, 4, 4),
                TensorSpec.channelsLast(1, 3, 4, 4), TensorSpec.channelsFirst(1, 3, 4),
                TensorSpec.channelsFirst(1, 3, 0, 4))) {
            assertThrows(BadInputException.class, () -> Picture.requirePicture(spec), spec.toString());
        }
    }
}
