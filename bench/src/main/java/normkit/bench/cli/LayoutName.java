package normkit.bench.cli;

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
}
