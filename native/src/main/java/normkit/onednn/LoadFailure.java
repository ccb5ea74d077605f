package normkit.onednn;

import org.bytedeco.javacpp.Loader;

/** Why oneDNN could not be loaded: the first cause, and what can be done about it. */
final class LoadFailure {

    private LoadFailure() {
    }

    static String describe(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            // What is wrapped around the innermost cause only says that loading failed.
            cause = cause.getCause();
        }
        return switch (cause) {
            case IllegalCallerException e -> e.getMessage() + "; start Java with --enable-native-access=ALL-UNNAMED, "
                    + "or on the module path with --enable-native-access="
                    + "org.bytedeco.javacpp,org.bytedeco.opencl,org.bytedeco.dnnl,normkit.onednn";
            case UnsatisfiedLinkError e -> e.getMessage() + "; oneDNN needs the jars of org.bytedeco's javacpp, opencl "
                    + "and dnnl with classifier " + Loader.getPlatform() + " (if there are any), on the module path "
                    + "with --add-modules ALL-MODULE-PATH";
            case ClassNotFoundException e -> missingPresets(e.getMessage());
            case NoClassDefFoundError e -> missingPresets(e.getMessage());
            case IllegalStateException e -> e.getMessage();
            default -> cause.toString();
        };
    }

    private static String missingPresets(String name) {
        return "class " + name + " is missing; oneDNN needs the jars org.bytedeco:javacpp, opencl and dnnl";
    }
}
