package normkit.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.global.dnnl;

/** A compiled problem of oneDNN; any number of threads may run it at once, each with memory of its own. */
final class Primitive implements AutoCloseable {

    private final Description description;
    private final dnnl_primitive handle = new dnnl_primitive();

    /** Compiles a description and takes it over. */
    Primitive(Description description) {
        this.description = description;
        Library library = Library.get();
        int before = library.openMp().use(description.threads());
        try {
            Status.check(dnnl.dnnl_primitive_create(handle, description.handle()), "create a primitive");
        } catch (IllegalStateException e) {
            description.close();
            throw e;
        } finally {
            library.openMp().restore(before, description.threads());
        }
    }

    /** How many OpenMP threads it runs on. */
    int threads() {
        return description.threads();
    }

    dnnl_primitive handle() {
        return handle;
    }

    dnnl_memory_desc argument(int argument) {
        return description.argument(argument);
    }

    @Override
    public void close() {
        dnnl.dnnl_primitive_destroy(handle);
        description.close();
    }
}
