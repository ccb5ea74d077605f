package normkit.dispatch;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import normkit.LayerNorm;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** Run in a process of its own: executes a plan while nobody records, and while somebody does, and prints what there is. */
public final class RecordingProbe {

    private static final int EXECUTIONS = 20_000;

    private RecordingProbe() {
    }

    /**
     * Prints bytes allocated by executions, then events.
     *
     * @param args a file for the recording
     * @throws Throwable if recording fails
     */
    public static void main(String[] args) throws Throwable {
        TensorSpec spec = TensorSpec.rows(2, 4);
        Tensor x = Tensor.allocate(spec);
        Tensor parameter = Tensor.allocate(TensorSpec.rows(4));
        try (LayerNorm.Plan plan = LayerNorm.over(4).plan(spec)) {
            execute(plan, x, parameter);
            System.out.println("unrecorded: " + execute(plan, x, parameter) + " bytes");
            try (Recording other = new Recording()) {
                // Another recording, which does not want these events.
                other.start();
                execute(plan, x, parameter);
                System.out.println("not wanted: " + execute(plan, x, parameter) + " bytes");
            }
            Path file = Path.of(args[0]);
            try (Recording recording = new Recording()) {
                recording.enable("normkit.Planning");
                recording.enable("normkit.Execution");
                recording.start();
                LayerNorm.over(4).plan(spec).close();
                plan.forward(x, parameter, parameter, x);
                recording.stop();
                recording.dump(file);
            }
            System.out.println("recorded " + Files.size(file) + " bytes");
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (event.getEventType().getName().startsWith("normkit.")) {
                    System.out.println(describe(event));
                }
            }
        }
    }

    /** {@code com.sun.management.ThreadMXBean}'s getCurrentThreadAllocatedBytes, in a module normkit does not read. */
    private static MethodHandle allocatedBytes() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        return MethodHandles.publicLookup().findVirtual(Class.forName("com.sun.management.ThreadMXBean"),
                "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class)).bindTo(bean);
    }

    private static long execute(LayerNorm.Plan plan, Tensor x, Tensor parameter) throws Throwable {
        MethodHandle allocated = allocatedBytes();
        long before = (long) allocated.invokeExact();
        for (int i = 0; i < EXECUTIONS; i++) {
            plan.forward(x, parameter, parameter, x);
        }
        return (long) allocated.invokeExact() - before;
    }

    private static String describe(RecordedEvent event) {
        String name = event.getEventType().getName();
        boolean took = event.getDuration().toNanos() > 0;
        if (name.equals("normkit.Planning")) {
            return name + " " + event.getString("problem") + " | " + event.getString("backend") + " "
                    + event.getString("implementation") + " " + event.getString("source") + " "
                    + (event.getDouble("nanoseconds") > 0) + " " + took;
        }
        return name + " " + event.getString("operation") + " " + event.getString("pass") + " "
                + event.getString("shape") + " | " + event.getString("backend") + " "
                + event.getString("implementation") + " " + took;
    }
}
