package normkit.onednn;

import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.Layout;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * How a problem is put to one of oneDNN's three normalization primitives: shapes, flags, and the call that describes
 * it. Axes that mean the same are collapsed into one, so that every rank is supported.
 */
sealed interface Recipe permits BatchRecipe, GroupRecipe, LayerRecipe {

    /** Chooses the primitive for an operation. */
    static Recipe of(Problem problem) {
        return switch (problem.operation()) {
            case LAYER_NORM, RMS_NORM -> new LayerRecipe(problem);
            case BATCH_NORM -> new BatchRecipe(problem);
            case GROUP_NORM, INSTANCE_NORM -> new GroupRecipe(problem);
        };
    }

    /** The problem. */
    Problem problem();

    /** Shape and memory order of x, y and their gradients. */
    Shape data();

    /** Shape of mean and variance where the primitive wants to be told, else null. */
    default Shape statistics() {
        return null;
    }

    /** Describes the forward primitive; returns oneDNN's status. */
    int forward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_attr attributes);

    /** Describes the backward primitive; returns oneDNN's status. */
    int backward(dnnl_primitive_desc out, dnnl_engine engine, int propagation, Layouts layouts, int flags,
            dnnl_primitive_desc forward, dnnl_primitive_attr attributes);

    /** ε as oneDNN takes it. */
    default float epsilon() {
        return (float) problem().epsilon();
    }

    /** The flags that follow from operation and pass alone. */
    default int flags() {
        boolean given = problem().pass() == Pass.INFERENCE || problem().pass() == Pass.FROZEN_BACKWARD;
        return (given ? dnnl.dnnl_use_global_stats : 0)
                | (problem().operation() == Operation.RMS_NORM ? dnnl.dnnl_rms_norm : 0);
    }

    /** (batch, channels, spatial, 1) in the order of x's layout, for the primitives that know channels. */
    static Shape channelled(Problem problem) {
        long spatial = problem.x().spatial();
        // Without spatial axes both orders are the same memory; oneDNN has its best kernels for channels last.
        boolean last = problem.x().layout() == Layout.CHANNELS_LAST || spatial == 1;
        int tag = last ? dnnl.dnnl_nhwc : dnnl.dnnl_nchw;
        return new Shape(tag, problem.x().batch(), problem.x().channels(), spatial, 1);
    }
}
