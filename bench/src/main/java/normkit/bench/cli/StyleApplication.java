package normkit.bench.cli;

import normkit.bench.files.BadInputException;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply adaptive_instance_norm}: gives x the statistics of a style; both may be pictures. */
final class StyleApplication {

    private StyleApplication() {
    }

    static Results run(TechniqueRun in) {
        Tensor style = style(in);
        AdaptiveInstanceNorm norm = AdaptiveInstanceNorm.create().epsilon(in.epsilon(ProblemOptions.DEFAULT_EPSILON));
        norm = in.options().strength == null ? norm : norm.strength(in.options().strength);
        Tensor y = in.operands().like(in.x().spec());
        try (AdaptiveInstanceNorm.Plan plan = norm.plan(in.x().spec(), style.spec(), in.planOptions())) {
            Statistics ofContent = plan.newStatistics();
            Statistics ofStyle = plan.newStatistics();
            if (in.mode() == Mode.BACKWARD) {
                Tensor dy = in.operands().gradient(in.files().dy);
                Tensor dstyle = in.operands().like(style.spec());
                plan.forward(in.x(), style, y, ofContent, ofStyle);
                plan.backward(dy, in.x(), style, ofContent, ofStyle, y, dstyle);
                return new Results().with("dx", y).with("dstyle", dstyle);
            }
            plan.forward(in.x(), style, y, ofContent, ofStyle);
            return new Results().with("y", y).with("mean", ofContent.mean()).with("var", ofContent.variance())
                    .with("style_mean", ofStyle.mean()).with("style_var", ofStyle.variance());
        }
    }

    private static Tensor style(TechniqueRun in) {
        if (in.options().style == null) {
            throw new BadInputException("--style is missing; adaptive_instance_norm must have it");
        }
        return in.like(in.options().style);
    }
}
