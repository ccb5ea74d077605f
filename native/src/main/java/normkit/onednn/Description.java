package normkit.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import normkit.spi.Pass;
import normkit.spi.Problem;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;

/**
 * oneDNN's description of how it would solve a problem: what a primitive is compiled from, and what tells whether there
 * is one at all.
 */
final class Description implements AutoCloseable {

    private final dnnl_primitive_desc handle;
    private final int threads;

    private Description(dnnl_primitive_desc handle, int threads) {
        this.handle = handle;
        this.threads = threads;
    }

    /** Describes a pass on some OpenMP threads; empty if oneDNN has no implementation of it. */
    static Optional<Description> of(Problem problem, int threads) {
        return problem.pass().backward() ? backward(problem, threads) : forward(problem, threads);
    }

    private static Optional<Description> forward(Problem problem, int threads) {
        int propagation = problem.pass() == Pass.INFERENCE ? dnnl.dnnl_forward_inference : dnnl.dnnl_forward_training;
        int affine = (problem.hasScale() ? dnnl.dnnl_use_scale : 0) | (problem.hasShift() ? dnnl.dnnl_use_shift : 0);
        return describe(problem, affine, propagation, threads);
    }

    /**
     * Describes a backward pass to all gradients. It always has γ, because without one oneDNN computes no gradient of
     * it; the caller gives ones where the problem has none.
     */
    private static Optional<Description> backward(Problem problem, int threads) {
        return describe(problem, dnnl.dnnl_use_scale | dnnl.dnnl_use_shift, dnnl.dnnl_backward, threads);
    }

    /**
     * Describes a backward pass to the gradient of x alone. Only without γ: with it, oneDNN has either no such
     * implementation (layer norm) or wants memory for the gradient of γ all the same (batch norm). Empty if there is no
     * implementation, which does not mean that there is none to all gradients.
     */
    static Optional<Description> backwardToData(Problem problem, int threads) {
        return problem.hasScale() ? Optional.empty() : describe(problem, 0, dnnl.dnnl_backward_data, threads);
    }

    private static Optional<Description> describe(Problem problem, int affine, int propagation, int threads) {
        Library library = Library.get();
        Recipe recipe = Recipe.of(problem);
        int flags = recipe.flags() | affine;
        int before = library.openMp().use(threads);
        dnnl_primitive_attr attributes = attributes();
        dnnl_primitive_desc forward = new dnnl_primitive_desc();
        dnnl_primitive_desc backward = new dnnl_primitive_desc();
        try (Layouts layouts = new Layouts(recipe.data(), recipe.statistics())) {
            if (!problem.pass().backward()) {
                return described(forward,
                        recipe.forward(forward, library.engine(), propagation, layouts, flags, attributes), threads);
            }
            // A backward primitive is described with the forward one it belongs to.
            int status =
                    recipe.forward(forward, library.engine(), dnnl.dnnl_forward_training, layouts, flags, attributes);
            if (described(forward, status, threads).isEmpty()) {
                return Optional.empty();
            }
            status = recipe.backward(backward, library.engine(), propagation, layouts, flags, forward, attributes);
            dnnl.dnnl_primitive_desc_destroy(forward);
            return described(backward, status, threads);
        } finally {
            dnnl.dnnl_primitive_attr_destroy(attributes);
            library.openMp().restore(before, threads);
        }
    }

    private static Optional<Description> described(dnnl_primitive_desc handle, int status, int threads) {
        if (status == dnnl.dnnl_unimplemented) {
            return Optional.empty();
        }
        Status.check(status, "describe a primitive");
        return Optional.of(new Description(handle, threads));
    }

    /** Scratch memory is the caller's: oneDNN's own would be shared by threads that run a primitive at once. */
    private static dnnl_primitive_attr attributes() {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        Status.check(dnnl.dnnl_primitive_attr_create(attributes), "create attributes");
        Status.check(dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "set the scratchpad mode");
        return attributes;
    }

    dnnl_primitive_desc handle() {
        return handle;
    }

    /** How many OpenMP threads it is for. */
    int threads() {
        return threads;
    }

    /** The name of the implementation oneDNN chose, such as {@code jit:uni}. */
    String implementation() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(ValueLayout.ADDRESS);
            Status.check(dnnl.dnnl_primitive_desc_query(handle, dnnl.dnnl_query_impl_info_str, 0, new Address(name)),
                    "name the implementation");
            return new BytePointer(new Address(name.get(ValueLayout.ADDRESS, 0))).getString();
        }
    }

    /** The descriptor of one argument of the primitive; it belongs to this description. */
    dnnl_memory_desc argument(int argument) {
        return dnnl.dnnl_primitive_desc_query_md(handle, dnnl.dnnl_query_exec_arg_md, argument);
    }

    @Override
    public void close() {
        dnnl.dnnl_primitive_desc_destroy(handle);
    }
}
