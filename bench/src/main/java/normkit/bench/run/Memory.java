package normkit.bench.run;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import normkit.spi.Problem;

/** How much memory a problem needs, and how much there is. */
public final class Memory {

    private static final Path LINUX = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";
    private static final long MEBI = 1 << 20;
    /** A JVM of its own, and what a native library holds. */
    private static final long PROCESS = 512 * MEBI;
    /** x and y, or x, dy and dx; and the reference's result. */
    private static final int FORWARD_TENSORS = 3;
    private static final int BACKWARD_TENSORS = 4;
    /** γ, β and their gradients; and the reference's gradients. */
    private static final int PARAMETERS = 6;

    private Memory() {
    }

    /**
     * Returns what it takes to time and verify a problem.
     *
     * @param problem the problem
     * @param threads number of threads, each with its own tensors
     * @return bytes
     */
    public static long need(Problem problem, int threads) {
        long tensors = problem.pass().backward() ? BACKWARD_TENSORS : FORWARD_TENSORS;
        return PROCESS + threads * (tensors * problem.x().byteSize() + PARAMETERS * problem.parameterSpec().byteSize());
    }

    /**
     * Returns what is not in use and can be had without swapping.
     *
     * @return bytes
     */
    public static long available() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try {
            // The bean counts what the system caches of files as used; a container's limit is known to it alone.
            return Files.readAllLines(LINUX).stream().filter(line -> line.startsWith(AVAILABLE))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .map(free -> Math.min(free, system.getTotalMemorySize())).findFirst()
                    .orElseGet(system::getFreeMemorySize);
        } catch (IOException | NumberFormatException e) {
            return system.getFreeMemorySize();
        }
    }

    /**
     * Checks that there is enough.
     *
     * @param need bytes
     * @throws IllegalStateException if there is less; the message tells both
     */
    public static void require(long need) {
        long available = available();
        if (need > available) {
            throw new IllegalStateException(
                    "it needs " + need / MEBI + " MiB of memory, but only " + available / MEBI + " are available");
        }
    }
}
