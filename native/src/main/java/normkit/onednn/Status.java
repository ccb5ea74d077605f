package normkit.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** What oneDNN's functions return. */
final class Status {

    private Status() {
    }

    static boolean ok(int status) {
        return status == dnnl.dnnl_success;
    }

    /** Throws unless a call succeeded. */
    static void check(int status, String call) {
        if (!ok(status)) {
            throw new IllegalStateException("oneDNN failed to " + call + ": " + name(status));
        }
    }

    private static String name(int status) {
        return switch (status) {
            case dnnl.dnnl_out_of_memory -> "out of memory";
            case dnnl.dnnl_invalid_arguments -> "invalid arguments";
            case dnnl.dnnl_unimplemented -> "unimplemented";
            case dnnl.dnnl_runtime_error -> "runtime error";
            default -> "status " + status;
        };
    }
}
