package normkit.onednn;

import normkit.spi.Problem;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** Layer and RMS norm: a matrix of one row per set. */
record LayerRecipe(Problem problem) implements Recipe {

    private long rows() {
        return problem.statisticsSpec().elements();
    }

    @Override
    public Shape data() {
        return new Shape(dnnl.dnnl_ab, rows(), problem.setSize());
    }

    @Override
    public Shape statistics() {
        return new Shape(dnnl.dnnl_a, rows());
    }

    @Override
    public int forward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_attr attributes) {
        return dnnl.dnnl_layer_normalization_forward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, layouts.statistics, epsilon(), flags, attributes);
    }

    @Override
    public int backward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_desc forward, dnnl_primitive_attr attributes) {
        return dnnl.dnnl_layer_normalization_backward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, layouts.data, layouts.statistics, epsilon(), flags, forward, attributes);
    }
}
