package normkit.bench.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * The contents of a {@code .npy} file, in C order and native byte order in native memory, so of any size. Files of f4
 * and f8 that already are in that order are mapped, not copied.
 *
 * @param source the file
 * @param element type of the elements in the file
 * @param shape axis lengths, none for a single value
 * @param data the elements as {@code type}
 * @param type f64 for f8, f32 otherwise
 */
public record TensorFile(Path source, Element element, long[] shape, MemorySegment data, DataType type) {

    private static final long CHUNK = 1 << 20;

    /**
     * Reads a file.
     *
     * @param file the file
     * @param arena owner of the memory
     * @return the contents
     * @throws BadInputException if the file is missing, unreadable, malformed, or of another element type
     */
    public static TensorFile read(Path file, Arena arena) {
        requireFile(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            NpyHeader header = NpyHeader.read(file, channel);
            long elements = count(file, header.shape());
            requireSize(file, header, elements, channel.size() - header.length());
            MemorySegment raw = elements == 0
                    ? arena.allocate(1)
                    : channel.map(MapMode.READ_ONLY, header.length(), elements * header.element().bytes(), arena);
            return decode(file, header, raw, elements, arena);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static void requireFile(Path file) {
        if (!Files.exists(file)) {
            throw new BadInputException(file + " does not exist");
        }
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + " is not a regular file");
        }
    }

    static BadInputException unreadable(Path file, IOException e) {
        return new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }

    private static long count(Path file, long[] shape) {
        if (Arrays.stream(shape).anyMatch(axis -> axis == 0)) {
            return 0;
        }
        try {
            long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            Math.multiplyExact(count, (long) Double.BYTES);
            return count;
        } catch (ArithmeticException e) {
            throw new BadInputException(file + " has shape " + text(shape) + ", which is more than a file can hold", e);
        }
    }

    private static void requireSize(Path file, NpyHeader header, long elements, long size) {
        long needed = elements * header.element().bytes();
        if (size != needed) {
            throw new BadInputException(
                    file + (size < needed ? " is truncated: " : " is too long: ") + size + " bytes follow the header; "
                            + header.element().label() + " of shape " + text(header.shape()) + " must have " + needed);
        }
    }

    private static TensorFile decode(Path file, NpyHeader header, MemorySegment raw, long elements, Arena arena) {
        Element element = header.element();
        DataType type = element.dataType();
        boolean fortran = header.fortran() && header.shape().length > 1;
        if (element.isMemory(header.order()) && !fortran) {
            return new TensorFile(file, element, header.shape(), raw, type);
        }
        TensorSpec flat = TensorSpec.of(type, Layout.ROWS, elements);
        Tensor target = Tensor.allocate(flat, arena);
        if (fortran) {
            FortranOrder source = new FortranOrder(header.shape());
            for (long i = 0; i < elements; i++) {
                target.set(i, element.read(raw, header.order(), source.next()));
            }
        } else {
            for (long i = 0; i < elements; i++) {
                target.set(i, element.read(raw, header.order(), i));
            }
        }
        return new TensorFile(file, element, header.shape(), target.segment(), type);
    }

    /** Walks a tensor in C order and tells where each element is in Fortran order. */
    private static final class FortranOrder {

        private final long[] shape;
        private final long[] stride;
        private final long[] at;
        private long position;

        FortranOrder(long[] shape) {
            this.shape = shape;
            this.at = new long[shape.length];
            this.stride = new long[shape.length];
            long step = 1;
            for (int axis = 0; axis < shape.length; axis++) {
                stride[axis] = step;
                step *= shape[axis];
            }
        }

        long next() {
            long here = position;
            int axis = shape.length - 1;
            at[axis]++;
            position += stride[axis];
            while (at[axis] == shape[axis] && axis > 0) {
                position -= shape[axis] * stride[axis];
                at[axis] = 0;
                axis--;
                at[axis]++;
                position += stride[axis];
            }
            return here;
        }
    }

    /**
     * Views the contents as a tensor with a layout.
     *
     * @param layout meaning of the axes
     * @return a view; read-only where the file is mapped
     * @throws BadInputException if the layout needs more axes
     */
    public Tensor tensor(Layout layout) {
        if (shape.length == 0) {
            throw new BadInputException(source + " is a single value; a tensor must have at least one axis");
        }
        try {
            return Tensor.of(TensorSpec.of(type, layout, shape), data, 0);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(source + ": " + e.getMessage(), e);
        }
    }

    /**
     * Copies the contents into a tensor of a wider type.
     *
     * @param spec what is wanted, of as many elements
     * @param arena owner of the copy
     * @return the copy, or a view if the type is the same
     */
    public Tensor as(TensorSpec spec, Arena arena) {
        if (spec.type() == type) {
            return Tensor.of(spec, data, 0);
        }
        Tensor from = Tensor.of(spec.as(type), data, 0);
        Tensor copy = Tensor.allocate(spec, arena);
        for (long i = 0; i < spec.elements(); i++) {
            copy.set(i, from.get(i));
        }
        return copy;
    }

    /**
     * Writes a tensor as a {@code .npy} file of version 1.0 in C order.
     *
     * @param tensor what to write
     * @param element type of the elements in the file
     * @param channel where to write
     * @throws IOException if writing fails
     */
    public static void write(Tensor tensor, Element element, WritableByteChannel channel) throws IOException {
        writeFully(channel, ByteBuffer.wrap(NpyHeader.encode(element, tensor.spec().shape())));
        long elements = tensor.spec().elements();
        MemorySegment chunk = MemorySegment.ofArray(new byte[(int) (Math.min(CHUNK, elements) * element.bytes())]);
        for (long from = 0; from < elements; from += CHUNK) {
            long length = Math.min(CHUNK, elements - from);
            for (long i = 0; i < length; i++) {
                element.write(chunk, i, tensor.get(from + i));
            }
            writeFully(channel, chunk.asSlice(0, length * element.bytes()).asByteBuffer());
        }
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /**
     * Writes a shape as messages and options have it.
     *
     * @param shape axis lengths
     * @return for example {@code 3x5x7}, or {@code ()} for no axes
     */
    public static String text(long[] shape) {
        return shape.length == 0
                ? "()"
                : LongStream.of(shape).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
