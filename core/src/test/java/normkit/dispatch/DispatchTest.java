package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import normkit.LayerNorm;
import normkit.spi.Availability;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which backend is chosen and what is said where none can be; with other backends, in a process of its own. */
class DispatchTest {

    private static final Problem PROBLEM =
            new Problem(Operation.LAYER_NORM, Pass.FORWARD, TensorSpec.rows(2, 4), 1, 0, true, true, 1e-5);

    @TempDir
    private Path directory;

    @Test
    void thePortableBackendIsFoundAndAvailable() {
        Backends.Probed scalar = Backends.named("scalar");
        assertTrue(scalar.available());
        assertInstanceOf(Availability.Available.class, scalar.availability());
        assertTrue(Backends.all().contains(scalar));
        assertEquals(List.of(), Backends.failures());
    }

    @Test
    void thePreferredBackendComesFirst() {
        List<Integer> priorities = Backends.all().stream().map(p -> p.backend().priority()).toList();
        assertEquals(priorities.stream().sorted(Comparator.reverseOrder()).toList(), priorities);
    }

    @Test
    void unknownNamesAreRefusedWithTheKnownOnes() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> Planner.here().decide(PROBLEM, Request.DEFAULT.backend("abacus"))).getMessage();
        assertTrue(message.contains("'abacus'") && message.contains("scalar"), message);
        assertThrows(IllegalArgumentException.class, () -> Backends.named("abacus"));
    }

    @Test
    void thePropertyForcesUnlessThePlanDoes() {
        System.setProperty(Backends.FORCE_PROPERTY, "abacus");
        try {
            assertEquals("abacus", Backends.forced());
            assertThrows(IllegalArgumentException.class, () -> Planner.here().decide(PROBLEM, Request.DEFAULT));
            assertThrows(IllegalArgumentException.class, () -> LayerNorm.over(4).plan(TensorSpec.rows(2, 4)));
            assertEquals("scalar", Planner.here().decide(PROBLEM, Request.DEFAULT.backend("scalar")).chosen().name());
        } finally {
            System.clearProperty(Backends.FORCE_PROPERTY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "auto"})
    void thePropertyCanLeaveTheChoiceOpen(String value) {
        System.setProperty(Backends.FORCE_PROPERTY, value);
        try {
            assertNull(Backends.forced());
        } finally {
            System.clearProperty(Backends.FORCE_PROPERTY);
        }
    }

    @Test
    void theEnvironmentForcesUnlessThePropertyDoes() throws Exception {
        Map<String, String> abacus = Map.of(Backends.FORCE_VARIABLE, "abacus");
        assertSays(probe(abacus, List.of(), "layer"), "IllegalArgumentException", "'abacus'", "scalar");
        assertSays(probe(abacus, List.of("-D" + Backends.FORCE_PROPERTY + "=scalar"), "layer"),
                "runs on scalar (scalar): it is forced");
    }

    @Test
    void anUnavailableBackendThatIsForcedIsRefusedWithItsReason() throws Exception {
        provide(FakeBackends.Absent.class);
        assertSays(probe(Map.of(), List.of(), "layer", "absent"), "IllegalStateException", "'absent' is forced",
                "layer_norm forward", "not available: no such unit in this machine");
        assertSays(probe(Map.of(Backends.FORCE_VARIABLE, "absent"), List.of(), "batch"), "IllegalStateException",
                "no such unit in this machine");
    }

    @Test
    void aBackendThatDeclinesAndIsForcedIsRefusedWithItsReason() throws Exception {
        provide(FakeBackends.Choosy.class);
        assertSays(probe(Map.of(), List.of(), "batch", "choosy"), "IllegalStateException", "'choosy' is forced",
                "batch_norm forward", "layer norm only");
    }

    @Test
    void everyCandidateIsExplained() throws Exception {
        provide(FakeBackends.Absent.class, FakeBackends.Choosy.class);
        assertSays(probe(Map.of(), List.of(), "layer"), "runs on choosy (choosy:rows): it is the preferred",
                "\n  absent: declined, not available: no such unit in this machine\n  choosy: supported, choosy:rows\n"
                        + "  scalar: supported, scalar\n");
        assertSays(probe(Map.of(), List.of(), "batch"), "runs on scalar (scalar): no other backend supports",
                "\n  choosy: declined, layer norm only\n");
    }

    @Test
    void aProviderThatCannotBeLoadedDoesNotHarmTheOthers() throws Exception {
        provide(FakeBackends.Broken.class, FakeBackends.Choosy.class);
        String output = probe(Map.of(), List.of(), "layer");
        assertSays(output, "runs on choosy", "scalar: supported",
                "FakeBackends$Broken could not be instantiated: java.lang.NoClassDefFoundError: of/a/Library");
        assertFalse(output.contains("broken:"), output);
    }

    private static void assertSays(String output, String... fragments) {
        for (String fragment : fragments) {
            assertTrue(output.contains(fragment), () -> "'" + output + "' lacks '" + fragment + "'");
        }
    }

    private void provide(Class<?>... backends) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        List<String> names = new ArrayList<>();
        for (Class<?> backend : backends) {
            names.add(backend.getName());
        }
        Files.write(services.resolve("normkit.spi.Backend"), names);
    }

    /** Runs {@link DispatchProbe} on the class path, where the service files count, and returns what it prints. */
    private String probe(Map<String, String> environment, List<String> options, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.add("-cp");
        command.add(String.join(File.pathSeparator, directory.toString(), root(DispatchProbe.class).toString(),
                root(Backends.class).toString()));
        command.add(DispatchProbe.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove(Backends.FORCE_VARIABLE);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.replace(System.lineSeparator(), "\n");
    }

    /** The directory of the class path a class came from; tests are patched into the module, so it does not know. */
    private static Path root(Class<?> type) throws Exception {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
        return file.getRoot().resolve(file.subpath(0, file.getNameCount() - Path.of(name).getNameCount()));
    }
}
