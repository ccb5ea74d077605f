package normkit.bench.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The start of a {@code .npy} file: magic bytes, version, and a Python dictionary that gives element type, order and
 * shape. Versions 1.0, 2.0 and 3.0 are read, which differ in the width of the dictionary's length and in its encoding.
 *
 * @param element type of the elements
 * @param order byte order of the elements
 * @param fortran whether the first axis, not the last, is contiguous
 * @param shape axis lengths, none for a single value
 * @param length bytes of the file before the first element
 */
record NpyHeader(Element element, ByteOrder order, boolean fortran, long[] shape, long length) {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int PREFIX = MAGIC.length + 2;
    private static final int LONGEST = 1 << 16;
    private static final int ALIGNMENT = 64;

    private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(['\"]([^'\"]*)['\"]|\\[)");
    private static final Pattern FORTRAN = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9L,\\s]*)\\)");

    static boolean hasMagic(byte[] start) {
        return start.length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    static NpyHeader read(Path file, ReadableByteChannel channel) throws IOException {
        try {
            byte[] prefix = read(channel, PREFIX).array();
            if (!hasMagic(prefix)) {
                throw new BadInputException(file + " is not a .npy file: it must begin with \\x93NUMPY");
            }
            int major = prefix[MAGIC.length];
            if (major < 1 || major > 3) {
                throw new BadInputException(file + " has .npy version " + major + "; it must be 1, 2 or 3");
            }
            int width = major == 1 ? Short.BYTES : Integer.BYTES;
            ByteBuffer size = read(channel, width).order(ByteOrder.LITTLE_ENDIAN);
            int length = major == 1 ? Short.toUnsignedInt(size.getShort()) : size.getInt();
            if (length < 0 || length > LONGEST) {
                throw new BadInputException(file + " has a header of " + Integer.toUnsignedString(length)
                        + " bytes; it must have at most " + LONGEST);
            }
            Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
            String dictionary = new String(read(channel, length).array(), charset).strip();
            return parse(file, dictionary, PREFIX + width + length);
        } catch (EOFException e) {
            throw new BadInputException(file + " is truncated: it ends within its .npy header", e);
        }
    }

    private static ByteBuffer read(ReadableByteChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        return buffer.flip();
    }

    private static NpyHeader parse(Path file, String dictionary, long length) {
        String descr = find(file, DESCR, "descr", dictionary).group(2);
        if (descr == null || !descr.matches("[<>=]f[248]")) {
            throw new BadInputException(file + " has element type " + (descr == null ? "of a structure" : descr)
                    + "; it must be f2, f4 or f8");
        }
        Element element = Element.valueOf(descr.substring(1).toUpperCase(Locale.ROOT));
        ByteOrder order = switch (descr.charAt(0)) {
            case '<' -> ByteOrder.LITTLE_ENDIAN;
            case '>' -> ByteOrder.BIG_ENDIAN;
            default -> ByteOrder.nativeOrder();
        };
        boolean fortran = find(file, FORTRAN, "fortran_order", dictionary).group(1).equals("True");
        String shape = find(file, SHAPE, "shape", dictionary).group(1);
        return new NpyHeader(element, order, fortran, parseShape(file, shape), length);
    }

    private static Matcher find(Path file, Pattern pattern, String key, String dictionary) {
        Matcher matcher = pattern.matcher(dictionary);
        if (!matcher.find()) {
            throw new BadInputException(file + " has no valid '" + key + "' in its .npy header, which is "
                    + dictionary.lines().findFirst().orElse("empty"));
        }
        return matcher;
    }

    private static long[] parseShape(Path file, String text) {
        try {
            // Python 2 wrote long integers as 3L.
            return Arrays.stream(text.replace("L", "").split(",")).map(String::strip).filter(s -> !s.isEmpty())
                    .mapToLong(Long::parseLong).toArray();
        } catch (NumberFormatException e) {
            throw new BadInputException(file + " has shape (" + text + "); each axis must be a number below 2^63", e);
        }
    }

    /** Returns the bytes before the elements, in version 1.0 as NumPy writes it. */
    static byte[] encode(Element element, long[] shape) {
        String axes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
        String dictionary =
                "{'descr': '" + (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? '<' : '>') + element.label()
                        + "', 'fortran_order': False, 'shape': (" + axes + (shape.length == 1 ? ",), }" : "), }");
        int start = PREFIX + Short.BYTES;
        int length = Math.ceilDiv(start + dictionary.length() + 1, ALIGNMENT) * ALIGNMENT;
        ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (length - start));
        header.put(dictionary.getBytes(StandardCharsets.ISO_8859_1));
        while (header.position() < length - 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').array();
    }
}
