package normkit.bench.apply;

import java.nio.file.Path;
import normkit.bench.files.Picture;
import normkit.techniques.AdaptiveInstanceNorm;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/** {@code apply adaptive_instance_norm}: gives x the statistics of a style; both may be pictures. */
final class StyleApplication {

    private StyleApplication() {
    }

    static Results run(Run run) {
        Tensor style = style(run);
        AdaptiveInstanceNorm norm = run.epsilon(AdaptiveInstanceNorm.create(), AdaptiveInstanceNorm::epsilon);
        norm = Run.with(norm, run.own.strength, AdaptiveInstanceNorm::strength);
        try (AdaptiveInstanceNorm.Plan plan = norm.plan(run.x.spec(), style.spec(), run.planOptions())) {
            Statistics ofContent = plan.newStatistics();
            Statistics ofStyle = plan.newStatistics();
            Tensor result = run.likeX();
            plan.forward(run.x, style, result, ofContent, ofStyle);
            if (!run.backward()) {
                return new Results().with("y", result).with(ofContent).with("style_mean", ofStyle.mean())
                        .with("style_var", ofStyle.variance());
            }
            Tensor dstyle = run.operands.like(style.spec());
            plan.backward(run.dy(), run.x, style, ofContent, ofStyle, result, dstyle);
            return new Results().with("dx", result).with("dstyle", dstyle);
        }
    }

    private static Tensor style(Run run) {
        Path style = run.require("--style", run.own.style);
        Layout layout = run.x.spec().layout();
        return Picture.readAny(style, layout, run.operands.arena()).tensor(layout);
    }
}
