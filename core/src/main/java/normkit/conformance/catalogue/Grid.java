package normkit.conformance.catalogue;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** Samples, channels and places of a tensor's elements, from their indices. */
record Grid(TensorSpec spec, int samples, int channels, int space) {

    Grid(TensorSpec spec) {
        this(spec, (int) spec.batch(), (int) spec.channels(), (int) spec.spatial());
    }

    int size() {
        return samples * channels * space;
    }

    private boolean first() {
        return spec.layout() == Layout.CHANNELS_FIRST;
    }

    int sample(int i) {
        return i / (channels * space);
    }

    int channel(int i) {
        return first() ? i / space % channels : i % channels;
    }

    int place(int i) {
        return first() ? i % space : i / channels % space;
    }

    int index(int sample, int channel, int place) {
        return first() ? (sample * channels + channel) * space + place : (sample * space + place) * channels + channel;
    }

    int[] where(IntPredicate chosen) {
        return IntStream.range(0, size()).filter(chosen).toArray();
    }

    /** Elements of a channel. */
    int[] ofChannel(int channel) {
        return where(i -> channel(i) == channel);
    }

    /** Elements of a sample. */
    int[] ofSample(int sample) {
        return where(i -> sample(i) == sample);
    }

    /** Elements of a channel in a sample. */
    int[] of(int sample, int channel) {
        return IntStream.range(0, space).map(place -> index(sample, channel, place)).toArray();
    }
}
