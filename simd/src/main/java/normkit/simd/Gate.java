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
        if (mode.contains("emulated-client") || withoutC2()) {
            return "the VM is told not to use its optimizing compiler; start java without -XX:TieredStopAtLevel, "
                    + "-XX:CompilationMode and -XX:-UseCompiler";
        }
        if (!System.getProperty("java.vm.name", "").contains("Server VM")) {
            return "the VM is " + System.getProperty("java.vm.name") + "; a HotSpot Server VM is needed";
        }
        if (isOff("EnableVectorSupport")) {
            return "the VM is told not to compile vectors; start java without -XX:-EnableVectorSupport";
        }
        if (isOff("UseFMA")) {
            return "the CPU or the VM has no fused multiply-add, which would make it slower than plain loops";
        }
        return VectorBits.refusal();
    }

    /** Level 4 is C2; a VM that is not tiered goes there at once, whatever level it is to stop at. */
    private static boolean withoutC2() {
        String last = option("TieredStopAtLevel");
        return isOff("UseCompiler") || last != null && Integer.parseInt(last) < 4 && !isOff("TieredCompilation");
    }

    private static boolean isOff(String option) {
        return "false".equals(option(option));
    }

    /** A VM option's value; null, which counts as fine, if the VM or the lack of the management modules hides it. */
    private static String option(String name) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name).getValue();
        } catch (LinkageError | IllegalArgumentException | NullPointerException e) {
            return null;
        }
    }
}
