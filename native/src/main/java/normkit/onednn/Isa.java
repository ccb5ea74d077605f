package normkit.onednn;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.dnnl.global.dnnl;

/** The x86 instruction sets oneDNN tells apart, least first. */
enum Isa {
    SSE41(dnnl.dnnl_cpu_isa_sse41), AVX(dnnl.dnnl_cpu_isa_avx), AVX2(dnnl.dnnl_cpu_isa_avx2), AVX2_VNNI(
            dnnl.dnnl_cpu_isa_avx2_vnni), AVX2_VNNI_2(dnnl.dnnl_cpu_isa_avx2_vnni_2), AVX512_CORE(
                    dnnl.dnnl_cpu_isa_avx512_core), AVX512_CORE_VNNI(
                            dnnl.dnnl_cpu_isa_avx512_core_vnni), AVX512_CORE_BF16(
                                    dnnl.dnnl_cpu_isa_avx512_core_bf16), AVX10_1_512(
                                            dnnl.dnnl_cpu_isa_avx10_1_512), AVX10_1_512_AMX(
                                                    dnnl.dnnl_cpu_isa_avx10_1_512_amx), AVX10_1_512_AMX_FP16(
                                                            dnnl.dnnl_cpu_isa_avx10_1_512_amx_fp16), AVX10_2_512(
                                                                    dnnl.dnnl_cpu_isa_avx10_2_512), AVX10_2_512_AMX_2(
                                                                            dnnl.dnnl_cpu_isa_avx10_2_512_amx_2);

    /** The system property that caps what oneDNN uses; its values are these names in lower case. */
    static final String CAP_PROPERTY = "normkit.onednn.maxIsa";

    private final int code;

    Isa(int code) {
        this.code = code;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Applies the cap, if one is set; only possible before oneDNN is first used in the process. */
    static void applyCap() {
        String cap = System.getProperty(CAP_PROPERTY);
        if (cap == null || cap.isBlank()) {
            return;
        }
        Isa isa = Arrays.stream(values()).filter(i -> i.label().equals(cap)).findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "system property " + CAP_PROPERTY + " is '" + cap + "'; it must be one of "
                                + Arrays.stream(values()).map(Isa::label).collect(Collectors.joining(", "))));
        if (!Status.ok(dnnl.dnnl_set_max_cpu_isa(isa.code))) {
            throw new IllegalStateException("system property " + CAP_PROPERTY + " is '" + cap + "', but oneDNN takes "
                    + "no cap any more; it must be set before anything in the process uses oneDNN");
        }
    }

    /** What oneDNN uses, which locks the cap. */
    static String effective() {
        int code = dnnl.dnnl_get_effective_cpu_isa();
        return Arrays.stream(values()).filter(i -> i.code == code).map(Isa::label).findFirst()
                .orElse(code == dnnl.dnnl_cpu_isa_default ? "default" : "code " + code);
    }

    /**
     * The alignment in bytes that is safe for an operand in memory: SSE instructions other than moves fault on memory
     * that is not aligned to 16; later ones take any, so that only the elements' own alignment is kept.
     */
    static int operandAlignment() {
        return dnnl.dnnl_get_effective_cpu_isa() == SSE41.code ? 16 : Float.BYTES;
    }
}
