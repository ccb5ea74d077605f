package normkit.bench.run;

import java.util.Arrays;
import java.util.Locale;
import normkit.tensor.Layout;

/** Layouts as options and benchmarks name them. */
public enum LayoutName {
    /** Channels first. */
    NCX(Layout.CHANNELS_FIRST),
    /** Channels last. */
    NXC(Layout.CHANNELS_LAST),
    /** No channel axis. */
    ROWS(Layout.ROWS);

    private final Layout layout;

    LayoutName(Layout layout) {
        this.layout = layout;
    }

    /**
     * Returns what the name stands for.
     *
     * @return the layout
     */
    public Layout layout() {
        return layout;
    }

    /**
     * Returns the name of a layout.
     *
     * @param layout a layout
     * @return {@code ncx}, {@code nxc} or {@code rows}
     */
    public static String of(Layout layout) {
        return Arrays.stream(values()).filter(name -> name.layout == layout).findFirst().orElseThrow().toString();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
