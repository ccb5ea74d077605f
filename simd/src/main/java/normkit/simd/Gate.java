package normkit.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Whether vectors are worth using in this VM. The Vector API is correct everywhere and fast only where C2 (or Graal)
 * compiles it to instructions; everywhere else it is slower than plain loops by far. Nothing here touches the API before it
 * is known to be there.
 */
final class Gate {

    private static final String MODULE = "jdk.incubator.vector";

    private Gate() {
    }

    /** Why vectors are not used, and what to do about it; null if they are. */
    static String refusal() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return "the module " + MODULE + " is not there; start java with --add-modules " + MODULE;
        }
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted")) {
            return "the VM only interprets; start java without -Xint";
        }
        if (mode.contains("emulated-client")) {
            return "the VM has no optimizing compiler; start java without -XX:TieredStopAtLevel=1";
        }
        if (!System.getProperty("java.vm.name", "").contains("Server VM")) {
            return "the VM is " + System.getProperty("java.vm.name") + "; a HotSpot Server VM is needed";
        }
        if (!fusedMultiplyAdd()) {
            return "the CPU or the VM has no fused multiply-add, which would make it slower than plain loops";
        }
        return VectorBits.refusal();
    }

    private static boolean fusedMultiplyAdd() {
        try {
            return Boolean.parseBoolean(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .getVMOption("UseFMA").getValue());
        } catch (LinkageError | IllegalArgumentException | NullPointerException e) {
            // Without the management modules there is no asking; CPUs without it are fifteen years old.
            return true;
        }
    }
}
