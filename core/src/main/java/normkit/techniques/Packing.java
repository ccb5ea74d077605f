package normkit.techniques;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/**
 * Some samples of a padded batch, and how their valid positions are packed into a dense tensor: sample after sample, the
 * valid positions of each in order. What is padding is in no packing.
 */
final class Packing {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Channels of f32 in a cache line. */
    private static final int LINE = 16;

    private final TensorSpec padded;
    private final Positions valid;
    private final int[] samples;
    private final TensorSpec spec;

    private Packing(TensorSpec padded, Positions valid, int[] samples, TensorSpec spec) {
        this.padded = padded;
        this.valid = valid;
        this.samples = samples;
        this.spec = spec;
    }

    /** Packs the whole batch, keeping channels apart; samples too if they are equally long. */
    static Packing whole(TensorSpec x, Positions valid) {
        int[] all = IntStream.range(0, valid.samples()).toArray();
        boolean equal = IntStream.of(all).map(valid::count).distinct().count() <= 1;
        return equal ? ofEqual(x, valid, all) : new Packing(x, valid, all, channels(x, 1, valid.total()));
    }

    /** Packs samples that are equally long together, all others apart. */
    static List<Packing> bySample(TensorSpec x, Positions valid) {
        if (valid.samples() == 0) {
            return List.of(whole(x, valid));
        }
        Map<Integer, IntStream.Builder> byCount = new TreeMap<>();
        for (int n = 0; n < valid.samples(); n++) {
            byCount.computeIfAbsent(valid.count(n), count -> IntStream.builder()).add(n);
        }
        return byCount.values().stream().map(equal -> ofEqual(x, valid, equal.build().toArray())).toList();
    }

    /** Packs every valid position of the whole batch as a row of its channels. */
    static Packing rows(TensorSpec x, Positions valid) {
        return new Packing(x, valid, IntStream.range(0, valid.samples()).toArray(),
                TensorSpec.of(x.type(), Layout.ROWS, valid.total(), x.channels()));
    }

    private static Packing ofEqual(TensorSpec x, Positions valid, int[] samples) {
        int count = samples.length == 0 ? 0 : valid.count(samples[0]);
        return new Packing(x, valid, samples, channels(x, samples.length, count));
    }

    private static TensorSpec channels(TensorSpec x, long samples, long length) {
        return x.layout() == Layout.CHANNELS_FIRST
                ? TensorSpec.of(x.type(), x.layout(), samples, x.channels(), length)
                : TensorSpec.of(x.type(), x.layout(), samples, length, x.channels());
    }

    /** What the packed tensor is. */
    TensorSpec spec() {
        return spec;
    }

    /** Makes room for a packed tensor, where all threads may use it. */
    Tensor allocate() {
        return spec.elements() <= Integer.MAX_VALUE - 8 ? Tensor.allocate(spec) : Tensor.allocate(spec, Arena.ofAuto());
    }

    /** Copies the valid positions of a padded tensor. */
    Tensor gather(Tensor from) {
        Tensor packed = allocate();
        MemorySegment source = memory(from);
        MemorySegment target = memory(packed);
        Steps paddedSteps = new Steps(1, padded.spatial());
        Steps packedSteps = new Steps(padded.channels(), 1);
        walk((at, packedAt, elements) -> MemorySegment.copy(source, bytes(at), target, bytes(packedAt),
                bytes(elements)),
                (at, packedAt, count) -> transpose(source, at, paddedSteps, target, packedAt, packedSteps, count));
        return packed;
    }

    /** Copies to the valid positions of a padded tensor, and makes the others of the samples 0. */
    void scatter(Tensor packed, Tensor to) {
        MemorySegment source = memory(packed);
        MemorySegment target = memory(to);
        Steps paddedSteps = new Steps(1, padded.spatial());
        Steps packedSteps = new Steps(padded.channels(), 1);
        walk((at, packedAt, elements) -> MemorySegment.copy(source, bytes(packedAt), target, bytes(at),
                bytes(elements)),
                (at, packedAt, count) -> transpose(source, packedAt, packedSteps, target, at, paddedSteps, count));
        clearPadding(target);
    }

    /** Copies elements that are together in both tensors, or positions whose channels are together in one only. */
    private interface Copy {
        void run(long at, long packedAt, long length);
    }

    /** How far apart neighbouring positions and neighbouring channels are, in elements. */
    private record Steps(long position, long channel) {}

    /** Visits all valid elements, with their place in the padded and in the packed tensor. */
    private void walk(Copy together, Copy transposed) {
        long offset = 0;
        for (int i = 0; i < samples.length; i++) {
            long before = offset;
            int[] runs = valid.runs(samples[i]);
            for (int r = 0; r < runs.length; r += 2) {
                long count = runs[r + 1] - runs[r];
                long at = samples[i] * padded.channels() * padded.spatial();
                if (padded.layout() == Layout.CHANNELS_LAST) {
                    together.run(at + runs[r] * padded.channels(), offset * padded.channels(),
                            count * padded.channels());
                } else if (spec.layout() == Layout.ROWS) {
                    transposed.run(at + runs[r], offset * padded.channels(), count);
                } else {
                    // One plane per channel if samples are packed into one, else one per sample and channel.
                    long plane = spec.batch() == samples.length ? i * padded.channels() * spec.spatial() - before : 0;
                    for (long c = 0; c < padded.channels(); c++) {
                        together.run(at + c * padded.spatial() + runs[r], plane + c * spec.spatial() + offset, count);
                    }
                }
                offset += count;
            }
        }
    }

    /** Copies some positions of all channels, a cache line's worth of channels at a time. */
    private void transpose(MemorySegment source, long from, Steps fromSteps, MemorySegment target, long to,
            Steps toSteps, long count) {
        long channels = padded.channels();
        for (long first = 0; first < channels; first += LINE) {
            long width = Math.min(LINE, channels - first);
            long fromTile = from + first * fromSteps.channel;
            long toTile = to + first * toSteps.channel;
            if (padded.type() == DataType.F32) {
                transposeInts(source, fromTile, fromSteps, target, toTile, toSteps, count, width);
            } else {
                transposeLongs(source, fromTile, fromSteps, target, toTile, toSteps, count, width);
            }
        }
    }

    // Twice, because with a layout that is no constant every element would cost a call.

    private static void transposeInts(MemorySegment source, long from, Steps fromSteps, MemorySegment target, long to,
            Steps toSteps, long count, long width) {
        long fromChannel = fromSteps.channel;
        long toChannel = toSteps.channel;
        for (long p = 0; p < count; p++) {
            long fromPosition = from + p * fromSteps.position;
            long toPosition = to + p * toSteps.position;
            for (long c = 0; c < width; c++) {
                target.set(INT, (toPosition + c * toChannel) * Integer.BYTES,
                        source.get(INT, (fromPosition + c * fromChannel) * Integer.BYTES));
            }
        }
    }

    private static void transposeLongs(MemorySegment source, long from, Steps fromSteps, MemorySegment target, long to,
            Steps toSteps, long count, long width) {
        long fromChannel = fromSteps.channel;
        long toChannel = toSteps.channel;
        for (long p = 0; p < count; p++) {
            long fromPosition = from + p * fromSteps.position;
            long toPosition = to + p * toSteps.position;
            for (long c = 0; c < width; c++) {
                target.set(LONG, (toPosition + c * toChannel) * Long.BYTES,
                        source.get(LONG, (fromPosition + c * fromChannel) * Long.BYTES));
            }
        }
    }

    private void clearPadding(MemorySegment target) {
        for (int sample : samples) {
            int[] runs = valid.runs(sample);
            int end = 0;
            for (int r = 0; r < runs.length; r += 2) {
                clear(target, sample, end, runs[r]);
                end = runs[r + 1];
            }
            clear(target, sample, end, valid.length());
        }
    }

    private void clear(MemorySegment target, long sample, long from, long to) {
        long channels = padded.channels();
        if (from == to) {
            return;
        }
        if (padded.layout() == Layout.CHANNELS_LAST) {
            fill(target, (sample * padded.spatial() + from) * channels, (to - from) * channels);
            return;
        }
        for (long c = 0; c < channels; c++) {
            fill(target, (sample * channels + c) * padded.spatial() + from, to - from);
        }
    }

    private void fill(MemorySegment target, long at, long elements) {
        target.asSlice(bytes(at), bytes(elements)).fill((byte) 0);
    }

    private long bytes(long elements) {
        return elements * padded.type().bytes();
    }

    /** A tensor's memory, its first element at 0. */
    private static MemorySegment memory(Tensor tensor) {
        if (tensor.segment() != null) {
            return tensor.segment().asSlice(tensor.offset(), tensor.spec().byteSize());
        }
        MemorySegment array = tensor.floats() != null
                ? MemorySegment.ofArray(tensor.floats())
                : MemorySegment.ofArray(tensor.doubles());
        return array.asSlice(tensor.offset() * tensor.spec().type().bytes(), tensor.spec().byteSize());
    }
}
