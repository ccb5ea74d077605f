package normkit.bench.cli;

import normkit.bench.files.BadInputException;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply adaptive_instance_norm}: gives x the statistics of a style; both may be pictures. */
final class StyleApplication {

    private StyleApplication() {
    }

    static Results run(TechniqueRun run) {
        if (run.options().style == null) {
            throw new BadInputException("--style is missing; adaptive_instance_norm must have it");
        }
        Tensor style = run.data(run.options().style);
        Double strength = run.options().strength;
        AdaptiveInstanceNorm norm =
                AdaptiveInstanceNorm.create().epsilon(run.epsilon(1e-5)).strength(strength == null ? 1 : strength);
        Tensor y = run.likeX();
        try (AdaptiveInstanceNorm.Plan plan = norm.plan(run.x().spec(), style.spec(), run.planOptions())) {
            Statistics ofContent = plan.newStatistics();
            Statistics ofStyle = plan.newStatistics();
            plan.forward(run.x(), style, y, ofContent, ofStyle);
            if (!run.backward()) {
                return new Results().with("y", y).with("mean", ofContent.mean()).with("var", ofContent.variance())
                        .with("style_mean", ofStyle.mean()).with("style_var", ofStyle.variance());
            }
            Tensor dstyle = run.like(style.spec());
            plan.backward(run.dy(), run.x(), style, ofContent, ofStyle, y, dstyle);
            return new Results().with("dx", y).with("dstyle", dstyle);
        }
    }
}
