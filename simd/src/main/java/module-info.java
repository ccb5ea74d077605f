/** Normalization kernels on the Vector API, found by Normkit as the backend {@code simd}. */
module normkit.simd {
    requires transitive normkit;
    requires jdk.incubator.vector;
    requires static java.management;
    requires static jdk.management;

    exports normkit.simd;

    provides normkit.spi.Backend with normkit.simd.SimdBackend;
}
