package normkit.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import normkit.LayerNorm;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal says why, and what to do; everything else keeps working. */
class GateTest {

    @Test
    void withoutTheModuleItSaysTheFlagOnceAndPlansRunOnThePortableBackend() throws Exception {
        String output = Jvm.with().run(GateTest.class);
        assertTrue(output.contains("scalar"), output);
        assertEquals(2, output.split("--add-modules jdk.incubator.vector", -1).length, output);
    }

    @ParameterizedTest
    @CsvSource({"-Xint, only interprets", "-XX:TieredStopAtLevel=0, optimizing compiler",
        "-XX:TieredStopAtLevel=1, optimizing compiler", "-XX:TieredStopAtLevel=3, optimizing compiler",
        "-XX:CompilationMode=quick-only, optimizing compiler", "-XX:-UseCompiler, optimizing compiler",
        "-XX:CompilationMode=high-only -XX:TieredStopAtLevel=1, optimizing compiler",
        "-XX:+UnlockExperimentalVMOptions -XX:-EnableVectorSupport, not to compile vectors",
        "-XX:-UseFMA, multiply-add", "-Dnormkit.vectorBits=200, normkit.vectorBits is 200",
        "-Dnormkit.vectorBits=, normkit.vectorBits is", "-XX:UseAVX=2 -Dnormkit.vectorBits=512, at most the 256"})
    void aVmThatWouldBeSlowIsRefused(String flags, String reason) throws Exception {
        String output = Jvm.withVectors(flags.split(" ")).run(GateTest.class);
        assertTrue(output.contains(reason), output);
        assertTrue(output.contains("chosen scalar"), output);
    }

    /** Neither keeps C2 away. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:-TieredCompilation -XX:TieredStopAtLevel=1", "-XX:CompilationMode=high-only"})
    void aVmThatOnlyUsesC2IsFine(String flags) throws Exception {
        String output = Jvm.withVectors(flags.split(" ")).run(GateTest.class);
        assertTrue(output.contains("chosen simd"), output);
    }

    @Test
    void onTheModulePathItNeedsNoFlag() throws Exception {
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.contains("core") || entry.contains("simd") && !entry.contains("test"))
                .collect(Collectors.joining(File.pathSeparator));
        String output = new Jvm(List.of("--module-path", path, "--add-modules", "normkit.simd", "--patch-module",
                "normkit.simd=" + GateTest.class.getProtectionDomain().getCodeSource().getLocation().getPath()))
                .start(List.of("-m", "normkit.simd/normkit.simd.ModulePathMain"));
        assertTrue(output.contains("chosen simd"), output);
    }

    /** In a JVM of its own. */
    public static void main(String[] args) {
        try (LayerNorm.Plan plan = LayerNorm.over(8).plan(TensorSpec.rows(2, 8))) {
            System.out.println("chosen " + plan.decisions().getFirst().chosen().name());
        }
        Backends.all().stream().filter(p -> p.availability() instanceof Availability.Unavailable)
                .filter(p -> args.length > 0).forEach(System.out::println);
    }
}
