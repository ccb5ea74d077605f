package normkit.onednn;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** A primitive with one thread's arguments for it, laid out once for every run. */
final class Call {

    private final Primitive primitive;
    private final int count;
    private final dnnl_exec_arg_t arguments;
    private final dnnl_stream stream = new dnnl_stream();

    /**
     * Lays out the arguments.
     *
     * @param primitive what to run
     * @param scope owner of the layout and of scratch memory
     * @param slots the arguments; those that are null are none
     */
    Call(Primitive primitive, Scope scope, Slot... slots) {
        this.primitive = primitive;
        Slot scratchpad = new Slot(primitive, dnnl.DNNL_ARG_SCRATCHPAD, scope);
        scratchpad.buffer();
        List<Slot> all = Stream.concat(Stream.of(scratchpad), Stream.of(slots).filter(Objects::nonNull)).toList();
        count = all.size();
        // Over memory of the scope: what JavaCPP allocates itself is also left to the garbage collector.
        arguments = new dnnl_exec_arg_t(
                new Address(scope.arena().allocate((long) count * Loader.sizeof(dnnl_exec_arg_t.class), Long.BYTES)));
        for (int i = 0; i < count; i++) {
            arguments.position(i).arg(all.get(i).argument()).memory(all.get(i).memory());
        }
        arguments.position(0);
        Status.check(dnnl.dnnl_stream_create(stream, Library.get().engine(), dnnl.dnnl_stream_default_flags),
                "create a stream");
        scope.own(() -> dnnl.dnnl_stream_destroy(stream));
    }

    /** Runs the primitive on as many threads as it was compiled for, the calling one included. */
    void run() {
        OpenMp openMp = Library.get().openMp();
        int before = openMp.use(primitive.threads());
        try {
            Status.check(dnnl.dnnl_primitive_execute(primitive.handle(), stream, count, arguments), "run a primitive");
            Status.check(dnnl.dnnl_stream_wait(stream), "finish a primitive");
        } finally {
            openMp.restore(before, primitive.threads());
        }
    }
}
