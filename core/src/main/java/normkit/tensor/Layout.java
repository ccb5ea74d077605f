package normkit.tensor;

/** What the axes of a shape mean. Shapes are always written in memory order, the last axis contiguous. */
public enum Layout {
    /** Batch, channels, then any number of spatial axes: NCHW and its relatives ("ncx"). */
    CHANNELS_FIRST,
    /** Batch, any number of spatial axes, then channels: NHWC and its relatives ("nxc"). */
    CHANNELS_LAST,
    /** No channel axis: rows of any shape, parameter vectors and matrices. */
    ROWS
}
