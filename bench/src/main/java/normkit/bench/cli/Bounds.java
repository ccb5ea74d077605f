package normkit.bench.cli;

import normkit.conformance.Tolerance;
import normkit.onednn.OneDnnBackend;
import normkit.spi.Backend;

/** How right each backend has to be: as docs/numerics.md says, except those whose arithmetic is not ours. */
final class Bounds {

    private Bounds() {
    }

    static Tolerance of(Backend backend) {
        return backend instanceof OneDnnBackend ? OneDnnBackend.tolerance() : Tolerance.strict();
    }
}
