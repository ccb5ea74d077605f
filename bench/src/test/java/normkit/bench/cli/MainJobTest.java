package normkit.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import normkit.bench.WrongBackend;
import normkit.dispatch.Backends;
import normkit.spi.Availability;
import normkit.spi.Backend;
import org.junit.jupiter.api.Test;

class MainJobTest {

    @Test
    void timesOnlyBackendsThatAreThereAndRight() {
        StringWriter out = new StringWriter();
        Backends.Probed scalar = Backends.named("scalar");
        Backends.Probed absent = new Backends.Probed(scalar.backend(), new Availability.Unavailable("no such luck"));
        List<Backend> right =
                new MainJob(new PrintWriter(out)).check(List.of(absent, scalar, Backends.named(WrongBackend.NAME)));
        assertEquals(List.of(scalar.backend()), right);
        List<String> lines = out.toString().lines().toList();
        assertEquals("scalar   not available: no such luck", lines.get(0));
        assertTrue(lines.get(1).matches("scalar   agrees with the oracle in all of \\d+ cases"), lines.get(1));
        assertTrue(lines.get(2).matches("wrong    is wrong in \\d+ of \\d+ cases, so it is not timed"), lines.get(2));
        assertTrue(lines.get(3).matches(" {9}\\S.*: .*"), lines.get(3));
    }
}
