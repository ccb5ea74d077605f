package normkit.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A view of a dense tensor in memory somebody else owns: a spec, a carrier and an offset. The carrier is a
 * {@code float[]} (f32), a {@code double[]} (f64) or a native {@link MemorySegment} in native byte order, which may hold
 * more than 2<sup>31</sup> elements and need not be aligned (64 bytes is fastest).
 *
 * <p>A view is immutable; the memory behind it is the caller's, who also orders accesses from several threads. Making a
 * view checks that the carrier is long enough.
 */
public final class Tensor {

    /** Alignment in bytes of memory from {@link #allocate(TensorSpec, Arena)}: a cache line and the widest vector. */
    public static final long ALIGNMENT = 64;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private final TensorSpec spec;
    private final float[] floats;
    private final double[] doubles;
    /** The one of these that there is, for loops that serve both types. */
    private final Object array;
    private final MemorySegment segment;
    private final long offset;
    private final boolean readOnly;
    /** The first byte that is viewed, of the array or of the address space, and the one after the last. */
    private final long start;
    private final long end;

    private Tensor(TensorSpec spec, float[] floats, double[] doubles, MemorySegment segment, long offset) {
        this.spec = spec;
        this.floats = floats;
        this.doubles = doubles;
        this.array = floats != null ? floats : doubles;
        this.segment = segment;
        this.offset = offset;
        // Asked of the segment once: a plan compares every argument with every other in each call.
        this.readOnly = segment != null && segment.isReadOnly();
        this.start = segment == null ? offset * spec.type().bytes() : segment.address() + offset;
        this.end = start + spec.byteSize();
    }

    /**
     * Views the first elements of an array.
     *
     * @param spec what the memory holds, f32
     * @param array the carrier
     * @return the view
     * @throws IllegalArgumentException if the spec is not f32 or the array too short
     */
    public static Tensor of(TensorSpec spec, float[] array) {
        return of(spec, array, 0);
    }

    /**
     * Views part of an array.
     *
     * @param spec what the memory holds, f32
     * @param array the carrier
     * @param offset index of the first element
     * @return the view
     * @throws IllegalArgumentException if the spec is not f32 or the array too short
     */
    public static Tensor of(TensorSpec spec, float[] array, int offset) {
        Objects.requireNonNull(array, "array");
        requireType(spec, DataType.F32, "float[]");
        requireRoom(spec, offset, array.length, "float[]", "elements", spec.elements());
        return new Tensor(spec, array, null, null, offset);
    }

    /**
     * Views the first elements of an array.
     *
     * @param spec what the memory holds, f64
     * @param array the carrier
     * @return the view
     * @throws IllegalArgumentException if the spec is not f64 or the array too short
     */
    public static Tensor of(TensorSpec spec, double[] array) {
        return of(spec, array, 0);
    }

    /**
     * Views part of an array.
     *
     * @param spec what the memory holds, f64
     * @param array the carrier
     * @param offset index of the first element
     * @return the view
     * @throws IllegalArgumentException if the spec is not f64 or the array too short
     */
    public static Tensor of(TensorSpec spec, double[] array, int offset) {
        Objects.requireNonNull(array, "array");
        requireType(spec, DataType.F64, "double[]");
        requireRoom(spec, offset, array.length, "double[]", "elements", spec.elements());
        return new Tensor(spec, null, array, null, offset);
    }

    /**
     * Views the first bytes of a native segment.
     *
     * @param spec what the memory holds
     * @param segment a native segment, or a writable one over a {@code float[]} or {@code double[]} of the spec's type
     * @return the view
     * @throws IllegalArgumentException if the segment is too short or of another heap array
     */
    public static Tensor of(TensorSpec spec, MemorySegment segment) {
        return of(spec, segment, 0);
    }

    /**
     * Views part of a segment.
     *
     * @param spec what the memory holds
     * @param segment a native segment, or a writable one over a {@code float[]} or {@code double[]} of the spec's type,
     *        which is then viewed as that array
     * @param byteOffset offset of the first element in bytes; for a heap segment a multiple of the element size
     * @return the view
     * @throws IllegalArgumentException if the segment is too short, read-only on the heap, misaligned on the heap or
     *         over another kind of array
     */
    public static Tensor of(TensorSpec spec, MemorySegment segment, long byteOffset) {
        Objects.requireNonNull(segment, "segment");
        Objects.requireNonNull(spec, "spec");
        requireRoom(spec, byteOffset, segment.byteSize(), "segment", "bytes", spec.byteSize());
        return segment.isNative()
                ? new Tensor(spec, null, null, segment, byteOffset)
                : ofHeapSegment(spec, segment, byteOffset);
    }

    private static Tensor ofHeapSegment(TensorSpec spec, MemorySegment segment, long byteOffset) {
        Object base = segment.heapBase().orElseThrow(() -> new IllegalArgumentException(
                "segment is a read-only heap segment; it must be native or writable"));
        // address() of a heap segment is its byte offset within the array.
        long start = segment.address() + byteOffset;
        if (start % spec.type().bytes() != 0) {
            throw new IllegalArgumentException("segment starts at byte " + start + " of its array; a heap segment must "
                    + "start at a multiple of " + spec.type().bytes());
        }
        int index = Math.toIntExact(start / spec.type().bytes());
        return switch (base) {
            case float[] array -> of(spec, array, index);
            case double[] array -> of(spec, array, index);
            default -> throw new IllegalArgumentException("segment is over a " + base.getClass().getSimpleName()
                    + "; a heap segment must be over float[] or double[]");
        };
    }

    /**
     * Allocates a zeroed tensor on the Java heap.
     *
     * @param spec what to hold, at most 2<sup>31</sup> − 1 elements
     * @return a view of a new array
     * @throws IllegalArgumentException if an array cannot hold so many elements
     */
    public static Tensor allocate(TensorSpec spec) {
        if (spec.elements() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(spec + " does not fit in a Java array; allocate it in an Arena");
        }
        int length = (int) spec.elements();
        return switch (spec.type()) {
            case F32 -> of(spec, new float[length]);
            case F64 -> of(spec, new double[length]);
        };
    }

    /**
     * Allocates a zeroed tensor off the heap, aligned to {@value #ALIGNMENT} bytes.
     *
     * @param spec what to hold
     * @param arena owner of the memory
     * @return a view of a new segment
     */
    public static Tensor allocate(TensorSpec spec, Arena arena) {
        return of(spec, arena.allocate(Math.max(1, spec.byteSize()), ALIGNMENT));
    }

    /**
     * Returns the spec.
     *
     * @return type, layout and shape
     */
    public TensorSpec spec() {
        return spec;
    }

    /**
     * Tells whether the carrier is a Java array.
     *
     * @return true for {@code float[]} and {@code double[]}, false for native memory
     */
    public boolean isHeap() {
        return segment == null;
    }

    /**
     * Returns the carrier of an f32 tensor on the heap.
     *
     * @return the array, or null if the carrier is another
     */
    public float[] floats() {
        return floats;
    }

    /**
     * Returns the carrier of an f64 tensor on the heap.
     *
     * @return the array, or null if the carrier is another
     */
    public double[] doubles() {
        return doubles;
    }

    /**
     * Returns the carrier of a tensor on the heap, of either type.
     *
     * @return a {@code float[]} or a {@code double[]}, or null if the tensor is off the heap
     */
    public Object array() {
        return array;
    }

    /**
     * Returns the carrier of a native tensor.
     *
     * @return the segment, or null if the carrier is an array
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Returns where the first element is: an index for arrays, bytes for segments.
     *
     * @return the offset within the carrier
     */
    public long offset() {
        return offset;
    }

    /**
     * Reads one element. For tests, tools and parameters; kernels read the carrier.
     *
     * @param index position in memory order, 0 … elements − 1
     * @return the value, widened
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public double get(long index) {
        Objects.checkIndex(index, spec.elements());
        if (floats != null) {
            return floats[(int) (offset + index)];
        }
        if (doubles != null) {
            return doubles[(int) (offset + index)];
        }
        return switch (spec.type()) {
            case F32 -> segment.get(FLOAT, offset + index * Float.BYTES);
            case F64 -> segment.get(DOUBLE, offset + index * Double.BYTES);
        };
    }

    /**
     * Writes one element, rounded to the tensor's type.
     *
     * @param index position in memory order, 0 … elements − 1
     * @param value what to write
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public void set(long index, double value) {
        Objects.checkIndex(index, spec.elements());
        if (floats != null) {
            floats[(int) (offset + index)] = (float) value;
        } else if (doubles != null) {
            doubles[(int) (offset + index)] = value;
        } else {
            switch (spec.type()) {
                case F32 -> segment.set(FLOAT, offset + index * Float.BYTES, (float) value);
                case F64 -> segment.set(DOUBLE, offset + index * Double.BYTES, value);
            }
        }
    }

    /** Whether the memory behind it cannot be written. */
    boolean readOnly() {
        return readOnly;
    }

    /**
     * Tells whether two views are of exactly the same memory, as for work in place.
     *
     * @param other another view
     * @return true if carrier, offset and size agree
     */
    public boolean sameMemory(Tensor other) {
        return array == other.array && start == other.start && end == other.end;
    }

    /**
     * Tells whether two views share any byte.
     *
     * @param other another view
     * @return true if they overlap
     */
    public boolean overlaps(Tensor other) {
        // Of an empty view the end is not after the start, whatever the other is.
        return array == other.array && Math.max(start, other.start) < Math.min(end, other.end);
    }

    /** Returns for example {@code F32 ROWS 128x768 on float[] at 0}. */
    @Override
    public String toString() {
        String carrier = floats != null ? "float[]" : doubles != null ? "double[]" : "native memory";
        return spec + " on " + carrier + " at " + offset;
    }

    private static void requireType(TensorSpec spec, DataType type, String carrier) {
        if (Objects.requireNonNull(spec, "spec").type() != type) {
            throw new IllegalArgumentException("a " + carrier + " holds " + type + ", but the spec is " + spec);
        }
    }

    private static void requireRoom(TensorSpec spec, long offset, long length, String what, String unit, long needed) {
        if (offset < 0 || offset > length || needed > length - offset) {
            throw new IllegalArgumentException(what + " has " + length + " " + unit + ", but " + spec + " at offset "
                    + offset + " needs " + needed + " from there on");
        }
    }
}
