package normkit.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * The shape of a dense f32 tensor in oneDNN's terms.
 *
 * @param tag oneDNN's name for the memory order
 * @param axes axis lengths in oneDNN's logical order
 */
record Shape(int tag, long... axes) {

    /** Makes oneDNN's descriptor of it; the caller destroys it. */
    dnnl_memory_desc describe() {
        dnnl_memory_desc descriptor = new dnnl_memory_desc();
        Status.check(dnnl.dnnl_memory_desc_create_with_tag(descriptor, axes.length, axes, dnnl.dnnl_f32, tag),
                "describe a tensor");
        return descriptor;
    }
}
