package normkit.onednn;

import normkit.spi.Operation;
import normkit.spi.Problem;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** Group norm, and instance norm as group norm with a group per channel. */
record GroupRecipe(Problem problem) implements Recipe {

    private long groups() {
        return problem.operation() == Operation.INSTANCE_NORM ? problem.x().channels() : problem.groups();
    }

    @Override
    public Shape data() {
        return Recipe.channelled(problem);
    }

    @Override
    public int forward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_attr attributes) {
        return dnnl.dnnl_group_normalization_forward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, groups(), epsilon(), flags, attributes);
    }

    @Override
    public int backward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_desc forward, dnnl_primitive_attr attributes) {
        return dnnl.dnnl_group_normalization_backward_primitive_desc_create(out, engine, propagation, layouts.data,
                layouts.data, layouts.data, groups(), epsilon(), flags, forward, attributes);
    }
}
