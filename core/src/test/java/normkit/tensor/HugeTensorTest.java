package normkit.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import normkit.BatchNorm;
import normkit.PlanOptions;
import normkit.dispatch.Backends;
import normkit.geometry.Columns;
import normkit.geometry.Runs;
import normkit.spi.Coefficients;
import normkit.spi.KernelProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More elements than an int can count, in a sparse file, of which only what is written takes space. */
class HugeTensorTest {

    private static final int LENGTH = 2048;
    private static final long ROWS = (1L << 20) + 3;
    private static final TensorSpec HUGE = TensorSpec.rows(ROWS, LENGTH);
    /** Of a row of 0, 1, 2, 3, 0, 1, … */
    private static final double SUM = LENGTH / 4 * (1 + 2 + 3);
    private static final double SQUARES = LENGTH / 4 * (1 + 4 + 9);

    @TempDir
    private Path directory;
    private Arena arena;
    private MemorySegment memory;

    @BeforeEach
    void map() throws IOException {
        Path file = directory.resolve("huge");
        arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE,
                StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, HUGE.byteSize() + 4, arena);
        }
    }

    @AfterEach
    void unmap() throws IOException {
        arena.close();
        Files.delete(directory.resolve("huge"));
    }

    @Test
    void elementsPastTwoToThe31AreReachable() {
        Tensor tensor = Tensor.of(HUGE, memory);
        long last = HUGE.elements() - 1;
        assertTrue(last > Integer.MAX_VALUE);
        tensor.set(last, 1.5);
        tensor.set(last - (1L << 31), 2.5);
        assertEquals(1.5, tensor.get(last));
        assertEquals(2.5, tensor.get(last - (1L << 31)));
        assertEquals(1.5, Tensor.of(TensorSpec.rows(1), memory, 4 * last).get(0));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(last + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.set(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(HUGE, memory, 8));
        assertThrows(IllegalArgumentException.class, () -> Tensor.allocate(HUGE));
    }

    @Test
    void overlapIsFoundPastTwoToThe31() {
        Tensor tensor = Tensor.of(HUGE, memory);
        Tensor shifted = Tensor.of(HUGE, memory, 4);
        TensorSpec one = TensorSpec.rows(1);
        assertTrue(tensor.overlaps(shifted));
        assertFalse(tensor.sameMemory(shifted));
        assertTrue(tensor.overlaps(Tensor.of(one, memory, HUGE.byteSize() - 4)));
        assertFalse(tensor.overlaps(Tensor.of(one, memory, HUGE.byteSize())));
    }

    /** Kernels are given the last sets only, so that little of the file is touched. */
    @ParameterizedTest
    @MethodSource("providers")
    void kernelsOfRowsReachTheEnd(KernelProvider provider) {
        Tensor x = Tensor.of(HUGE, memory);
        Runs rows = Runs.rows(ROWS, LENGTH);
        long from = ROWS - 2;
        fill(x, from * LENGTH);
        Coefficients c = coefficients(2);
        c.first = from;
        double[] sums = new double[4];
        provider.runs(DataType.F32).sums(rows, x, from, ROWS, c, sums);
        assertArrayEquals(new double[] {SUM, SQUARES, SUM, SQUARES}, sums);
        provider.runs(DataType.F32).apply(rows, x, from, ROWS, c, null, null, x);
        assertApplied(x, from * LENGTH);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void kernelsOfPlanesReachTheEnd(KernelProvider provider) {
        Tensor x = Tensor.of(HUGE, memory);
        Runs planes = Runs.planes(ROWS, 2, LENGTH / 2);
        fill(x, (ROWS - 1) * LENGTH);
        double[] sums = new double[2];
        long lastChunk = 2L * planes.chunks() - 1;
        provider.runs(DataType.F32).sums(planes, x, lastChunk, lastChunk + 1, coefficients(2), sums);
        assertArrayEquals(new double[] {SUM / 2, SQUARES / 2}, sums);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void kernelsOfColumnsReachTheEnd(KernelProvider provider) {
        Tensor x = Tensor.of(HUGE, memory);
        int cols = LENGTH / 16;
        Columns columns = new Columns(ROWS, 16, cols, 1);
        long start = (ROWS - 1) * LENGTH;
        fill(x, start);
        Coefficients c = coefficients(columns.width());
        double[] sums = new double[columns.width()];
        double[] squares = new double[columns.width()];
        provider.columns(DataType.F32).sums(columns, x, ROWS - 1, 0, c, sums, squares);
        for (int j = 0; j < cols; j++) {
            assertEquals(16 * (j % 4), sums[j]);
            assertEquals(16 * (j % 4) * (j % 4), squares[j]);
        }
        provider.columns(DataType.F32).apply(columns, x, ROWS - 1, 0, c, x);
        assertApplied(x, start);
    }

    /** Every backend whose kernels can be called one by one. */
    static Stream<KernelProvider> providers() {
        return Backends.all().stream().filter(Backends.Probed::available).map(Backends.Probed::backend)
                .filter(KernelProvider.class::isInstance).map(KernelProvider.class::cast);
    }

    /** Fills the rest of the tensor with 0, 1, 2, 3, 0, 1, … */
    private static void fill(Tensor x, long from) {
        for (long i = from; i < HUGE.elements(); i++) {
            x.set(i, i % 4);
        }
    }

    /** y = 2·x + 1. */
    private static Coefficients coefficients(int capacity) {
        Coefficients c = new Coefficients(capacity);
        Arrays.fill(c.gain, 2);
        Arrays.fill(c.offset, 1);
        return c;
    }

    private static void assertApplied(Tensor x, long from) {
        for (long i = from; i < HUGE.elements(); i++) {
            assertEquals(2 * (i % 4) + 1, x.get(i));
        }
        assertEquals(0, x.get(from - 1));
    }

    /** The gradients of γ and β read all of x and dy, which are the same memory here, and write two values each. */
    @Test
    void parameterGradientsReachTheEnd() {
        skipUnlessAskedFor();
        TensorSpec spec = TensorSpec.channelsLast(ROWS * LENGTH / 2, 2);
        Tensor x = Tensor.of(spec, memory);
        x.set(1, 4);
        x.set(spec.elements() - 2, 3);
        TensorSpec two = TensorSpec.rows(2);
        Tensor ones = Tensor.of(two, new float[] {1, 1});
        Statistics given = Statistics.meanAndRstd(Tensor.allocate(two), Tensor.of(two, new float[] {1, 0.5f}));
        float[] dscale = new float[2];
        float[] dshift = new float[2];
        try (BatchNorm.Plan plan = BatchNorm.create().plan(spec, PlanOptions.DEFAULT.backwardOnly())) {
            plan.backwardFrozen(x, x, ones, given, null, Tensor.of(two, dscale), Tensor.of(two, dshift));
        }
        assertArrayEquals(new float[] {9, 8}, dscale);
        assertArrayEquals(new float[] {3, 4}, dshift);
    }

    /** Prints why, since the console does not show the reason of a skipped test. */
    private static void skipUnlessAskedFor() {
        if (!Boolean.getBoolean("normkit.test.huge")) {
            String reason = "it reads 8 GiB of zeros from a file, half a minute; -Dnormkit.test.huge=true runs it";
            System.out.println("HugeTensorTest.parameterGradientsReachTheEnd is skipped: " + reason);
            abort(reason);
        }
    }
}
