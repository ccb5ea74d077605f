/** Normalization by oneDNN, through the JavaCPP presets. */
module normkit.onednn {
    exports normkit.onednn;

    requires transitive normkit;
    requires org.bytedeco.dnnl;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.opencl;

    provides normkit.spi.Backend with normkit.onednn.OneDnnBackend;
}
