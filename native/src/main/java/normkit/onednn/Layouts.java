package normkit.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/** The memory descriptors a primitive is described by. */
final class Layouts implements AutoCloseable {

    /** Of x, y and their gradients. */
    final dnnl_memory_desc data;
    /** Of mean and variance, for the primitive that asks; null for others. */
    final dnnl_memory_desc statistics;

    Layouts(Shape data, Shape statistics) {
        this.data = data.describe();
        this.statistics = statistics == null ? null : statistics.describe();
    }

    @Override
    public void close() {
        dnnl.dnnl_memory_desc_destroy(data);
        if (statistics != null) {
            dnnl.dnnl_memory_desc_destroy(statistics);
        }
    }
}
