/** The normalization layer of the JVM: operations, tensor views, portable kernels, and the contract for backends. */
module normkit {
    exports normkit;
    exports normkit.activation;
    exports normkit.conformance;
    exports normkit.dispatch;
    exports normkit.engine;
    exports normkit.geometry;
    exports normkit.moments;
    exports normkit.spi;
    exports normkit.tables;
    exports normkit.techniques;
    exports normkit.tensor;
    exports normkit.weights;

    requires static jdk.jfr;

    uses normkit.spi.Backend;

    provides normkit.spi.Backend with normkit.scalar.ScalarBackend;
}
