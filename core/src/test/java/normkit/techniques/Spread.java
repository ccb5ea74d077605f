package normkit.techniques;

import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Mean and biased variance of one channel in one sample, in double with two passes. */
record Spread(double mean, double variance) {

    static Spread of(Tensor tensor, int sample, int channel) {
        TensorSpec spec = tensor.spec();
        double sum = 0;
        for (int place = 0; place < spec.spatial(); place++) {
            sum += tensor.get(index(spec, sample, channel, place));
        }
        double mean = sum / spec.spatial();
        double squares = 0;
        for (int place = 0; place < spec.spatial(); place++) {
            double difference = tensor.get(index(spec, sample, channel, place)) - mean;
            squares += difference * difference;
        }
        return new Spread(mean, squares / spec.spatial());
    }

    private static long index(TensorSpec spec, int sample, int channel, int place) {
        return spec.layout() == Layout.CHANNELS_LAST
                ? (sample * spec.spatial() + place) * spec.channels() + channel
                : (sample * spec.channels() + channel) * spec.spatial() + place;
    }
}
