package normkit.bench.peers;

import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * What a Java programmer would write: one pass for the mean, one for the variance, one for y, element by element in the
 * order of memory. Sums are double, everything else is float.
 */
public final class LoopBackend implements Backend {

    /** Made by the service loader. */
    public LoopBackend() {
    }

    @Override
    public String name() {
        return "loop";
    }

    @Override
    public boolean onlyByName() {
        return true;
    }

    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    @Override
    public Availability probe() {
        return new Availability.Available("plain Java, two passes");
    }

    @Override
    public Support supports(Problem problem) {
        String reason = Declines.reason(problem);
        return reason == null ? new Support.Supported("two passes") : new Support.Declined(reason);
    }

    @Override
    public Execution prepare(Problem problem) {
        return switch (problem.x().layout()) {
            case ROWS -> new RowLoops(problem);
            case CHANNELS_FIRST -> new PlaneLoops(problem);
            case CHANNELS_LAST -> new PixelLoops(problem);
        };
    }
}
