package normkit.techniques;

import java.util.Objects;
import normkit.PlanOptions;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/** A plan for contents of one spec and styles of another, with as many samples and channels. */
abstract class StylePlan extends InstancePlan<StyleRun> {

    final TensorSpec style;

    StylePlan(TensorSpec content, TensorSpec style, double epsilon, double strength, boolean unbiased,
            PlanOptions options) {
        super(content, options);
        this.style = requireStyle(content, Objects.requireNonNull(style, "style"));
        open(() -> new StyleRun(epsilon, strength, unbiased, passesOver(content), passesOver(style)));
    }

    private static TensorSpec requireStyle(TensorSpec content, TensorSpec style) {
        if (style.layout() == Layout.ROWS || style.batch() != content.batch()
                || style.channels() != content.channels()) {
            throw new IllegalArgumentException("style is " + style
                    + "; it must have as many samples and channels as the " + "content, which is " + content);
        }
        if (style.elements() == 0 && content.elements() > 0) {
            throw new IllegalArgumentException("style is " + style + ", which is empty; it must not be, because the "
                    + "content, " + content + ", is not");
        }
        return style;
    }

    /**
     * Returns the spec of the style.
     *
     * @return what was planned
     */
    public final TensorSpec styleSpec() {
        return style;
    }
}
