package normkit.bench.cli;

import java.util.Arrays;
import java.util.Locale;
import normkit.tensor.Layout;

/** Layouts as options name them. */
enum LayoutName {
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

    Layout layout() {
        return layout;
    }

    /** The name of a layout. */
    static String of(Layout layout) {
        return Arrays.stream(values()).filter(name -> name.layout == layout).findFirst().orElseThrow().name()
                .toLowerCase(Locale.ROOT);
    }
}
