package normkit.bench.apply;

import normkit.techniques.LocalResponseNorm;

/** {@code apply} of local response norm. */
final class WindowApplication {

    private static final double ALPHA = 1e-4;

    private WindowApplication() {
    }

    static Results run(Run run) {
        int size = run.require("--size", run.own.size);
        try (LocalResponseNorm.Plan plan = description(run.own, size).plan(run.x.spec())) {
            return run.plain(plan::forward, (dy, dx) -> plan.backward(dy, run.x, dx));
        }
    }

    private static LocalResponseNorm description(TechniqueOptions own, int size) {
        LocalResponseNorm norm =
                own.withinChannel ? LocalResponseNorm.withinChannel(size) : LocalResponseNorm.acrossChannels(size);
        norm = norm.alpha(own.alpha == null ? ALPHA : own.alpha,
                own.alphaOf == null ? LocalResponseNorm.Alpha.MEAN : own.alphaOf);
        norm = Run.with(norm, own.beta, LocalResponseNorm::beta);
        norm = Run.with(norm, own.k, LocalResponseNorm::k);
        return Run.with(norm, own.even, LocalResponseNorm::even);
    }
}
