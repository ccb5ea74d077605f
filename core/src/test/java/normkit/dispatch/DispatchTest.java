package normkit.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
                        + "  scalar: supported, scalar, ");
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

    @Test
    void aRequiredBackendThatIsNotAvailableStopsPlanningWithItsReason() throws Exception {
        provide(FakeBackends.Absent.class, FakeBackends.Choosy.class);
        String output = probe(Map.of(), List.of("-D" + Backends.REQUIRE_PROPERTY + "=choosy, absent"), "layer");
        assertSays(output, "IllegalStateException: backend 'absent' is required by normkit.require or NORMKIT_REQUIRE, "
                + "but is not available: no such unit in this machine");
        assertSays(probe(Map.of(Backends.REQUIRE_VARIABLE, "choosy"), List.of(), "layer"), "runs on choosy");
        assertSays(probe(Map.of(Backends.REQUIRE_VARIABLE, "abacus"), List.of(), "layer"), "IllegalArgumentException",
                "no backend is named 'abacus'");
    }

    @Test
    void anUnavailableBackendIsMentionedOnce() throws Exception {
        provide(FakeBackends.Absent.class);
        String output = probe(Map.of(), List.of(), "batch");
        assertEquals(2, output.split("backend absent is not used: no such unit in this machine", -1).length, output);
    }

    @Test
    void unusableWisdomIsMentionedOnceAndIgnored() throws Exception {
        Path wisdom = Files.writeString(directory.resolve("wisdom.txt"), "normkit wisdom 1\nmachine m\n");
        String output = probe(Map.of(), List.of("-D" + Wisdom.PROPERTY + "=" + wisdom), "batch");
        assertEquals(2, output.split("is ignored: it is truncated", -1).length, output);
        assertSays(output, "runs on scalar (scalar): no other backend supports the problem");
    }

    private static void assertSays(String output, String... fragments) {
        for (String fragment : fragments) {
            assertTrue(output.contains(fragment), () -> "'" + output + "' lacks '" + fragment + "'");
        }
    }

    private void provide(Class<?>... backends) throws IOException {
        Child.provide(directory, backends);
    }

    /** Runs {@link DispatchProbe} and returns what it prints. */
    private String probe(Map<String, String> environment, List<String> options, String... arguments) throws Exception {
        return new Child(directory, DispatchProbe.class, environment).with(options).run(arguments);
    }
}
