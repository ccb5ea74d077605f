package normkit.onednn;

import java.lang.foreign.Arena;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** A primitive with one thread's arguments for it, laid out once for every run. */
final class Call implements AutoCloseable {

    private final Primitive primitive;
    private final int count;
    private final dnnl_exec_arg_t arguments;
    private final Slot scratchpad;
    private final dnnl_stream stream = new dnnl_stream();

    /**
     * Lays out the arguments.
     *
     * @param primitive what to run
     * @param arena owner of the layout and of scratch memory
     * @param slots the arguments; their owner closes them
     */
    Call(Primitive primitive, Arena arena, Iterable<Slot> slots) {
        this.primitive = primitive;
        dnnl_memory_desc scratchLayout = primitive.argument(dnnl.DNNL_ARG_SCRATCHPAD);
        scratchpad = new Slot(dnnl.DNNL_ARG_SCRATCHPAD, scratchLayout, arena);
        scratchpad.buffer();
        int n = 1;
        for (Slot slot : slots) {
            n++;
        }
        count = n;
        // Over memory of the arena: what JavaCPP allocates itself is also left to the garbage collector.
        arguments = new dnnl_exec_arg_t(new Address(
                arena.allocate((long) count * Loader.sizeof(dnnl_exec_arg_t.class), Long.BYTES)));
        int i = 0;
        set(i++, scratchpad);
        for (Slot slot : slots) {
            set(i++, slot);
        }
        arguments.position(0);
        Status.check(dnnl.dnnl_stream_create(stream, Library.get().engine(), dnnl.dnnl_stream_default_flags),
                "create a stream");
    }

    private void set(int i, Slot slot) {
        arguments.position(i).arg(slot.argument()).memory(slot.memory());
    }

    /** Runs the primitive on the calling thread alone. */
    void run() {
        OpenMp openMp = Library.get().openMp();
        int threads = openMp.toOneThread();
        try {
            Status.check(dnnl.dnnl_primitive_execute(primitive.handle(), stream, count, arguments), "run a primitive");
            Status.check(dnnl.dnnl_stream_wait(stream), "finish a primitive");
        } finally {
            openMp.restore(threads);
        }
    }

    @Override
    public void close() {
        dnnl.dnnl_stream_destroy(stream);
        scratchpad.close();
    }
}
