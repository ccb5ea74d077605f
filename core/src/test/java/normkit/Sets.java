package normkit;

import normkit.spi.Operation;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** Which elements share statistics and which share parameters, by the definitions of the operations. */
record Sets(Operation operation, TensorSpec spec) {

    int number() {
        return Math.toIntExact(switch (operation) {
            case LAYER_NORM, RMS_NORM -> spec.batch();
            case BATCH_NORM -> spec.channels();
            case GROUP_NORM -> spec.batch() * Subject.GROUPS;
            case INSTANCE_NORM -> spec.batch() * spec.channels();
        });
    }

    /** The set element i is normalized with. */
    int of(long i) {
        long sample = i / (spec.elements() / spec.batch());
        return Math.toIntExact(switch (operation) {
            case LAYER_NORM, RMS_NORM -> sample;
            case BATCH_NORM -> channel(i);
            case GROUP_NORM -> sample * Subject.GROUPS + channel(i) / (spec.channels() / Subject.GROUPS);
            case INSTANCE_NORM -> sample * spec.channels() + channel(i);
        });
    }

    /** The γ and β element i is scaled and shifted with. */
    int parameterOf(long i) {
        return Math.toIntExact(spec.layout() == Layout.ROWS ? i % (spec.elements() / spec.batch()) : channel(i));
    }

    private long channel(long i) {
        return spec.layout() == Layout.CHANNELS_FIRST ? i / spec.spatial() % spec.channels() : i % spec.channels();
    }
}
