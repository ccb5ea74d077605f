package normkit.onednn;

import normkit.spi.Problem;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** Batch norm. */
record BatchRecipe(Problem problem) implements Recipe {

    @Override
    public Shape data() {
        return Recipe.channelled(problem);
    }

    @Override
    public int forward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_attr attributes) {
        return dnnl.dnnl_batch_normalization_forward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, epsilon(), flags, attributes);
    }

    @Override
    public int backward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_desc forward, dnnl_primitive_attr attributes) {
        return dnnl.dnnl_batch_normalization_backward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, layouts.data, epsilon(), flags, forward, attributes);
    }
}
