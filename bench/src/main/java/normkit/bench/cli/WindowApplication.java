package normkit.bench.cli;

import normkit.bench.files.BadInputException;
import normkit.techniques.LocalResponseNorm;
import normkit.tensor.Tensor;

/** {@code apply} of local response norm. */
final class WindowApplication {

    private WindowApplication() {
    }

    static Results run(TechniqueRun run) {
        try (LocalResponseNorm.Plan plan = description(run.options()).plan(run.x().spec())) {
            Tensor result = run.likeX();
            if (run.backward()) {
                plan.backward(run.dy(), run.x(), result);
                return new Results().with("dx", result);
            }
            plan.forward(run.x(), result);
            return new Results().with("y", result);
        }
    }

    private static LocalResponseNorm description(TechniqueOptions options) {
        if (options.size == null) {
            throw new BadInputException("--size is missing; local_response_norm must have it");
        }
        LocalResponseNorm norm = options.withinChannel != null && options.withinChannel
                ? LocalResponseNorm.withinChannel(options.size)
                : LocalResponseNorm.acrossChannels(options.size);
        LocalResponseNorm.Alpha of = options.alphaOf == null ? LocalResponseNorm.Alpha.MEAN : options.alphaOf;
        norm = norm.alpha(options.alpha == null ? 1e-4 : options.alpha, of);
        norm = options.beta == null ? norm : norm.beta(options.beta);
        norm = options.k == null ? norm : norm.k(options.k);
        return options.even == null ? norm : norm.even(options.even);
    }
}
