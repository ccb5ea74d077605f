package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import normkit.bench.WrongBackend;
import normkit.bench.files.BadInputException;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.limits.Route;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {

    private static final Workload SMALL = new Workload("layer_norm", "forward", "rows", "4x64", "0");

    @TempDir
    private Path directory;

    private static Study study(Agenda agenda, Path file, Duration limit) {
        return study(agenda, file, limit, Results.result(), 0.01);
    }

    private static Study study(Agenda agenda, Path file, Duration limit, ResultFile result, double stolen) {
        return new Study(StudyOptions.quick(List.of("scalar")), agenda, new Schedule(1, limit, System.nanoTime()),
                result, file, () -> OptionalDouble.of(stolen));
    }

    private static Agenda scalarAndCopy() {
        return new Agenda(List.of(), List.of(), List.of(),
                List.of(Job.norm(SMALL, "scalar", 1, 1), Job.norm(SMALL, NormBenchmark.COPY, 1, 1)), List.of());
    }

    @Test
    void everyKindOfFigureIsKept() {
        Agenda agenda = new Agenda(List.of(Job.bandwidth(Route.COPY, 1 << 14, 1), Job.fma("f32", 128, 1)),
                List.of(Operation.LAYER_NORM), List.of(new Agenda.Question(SMALL.problem(), 1)),
                List.of(Job.norm(SMALL, "scalar", 1, 1)), List.of("a problem"));
        Path file = directory.resolve("r.json");
        Study study = study(agenda, file, Duration.ofMinutes(1));
        study.run();
        assertEquals(List.of("there was no time for a problem"), study.notes());
        assertFalse(study.failed());
        ResultFile read = ResultFile.read(file);
        assertEquals(study.result().text(), read.text());
        assertTrue(read.isComplete());
        assertEquals(List.of("a problem"), read.leftOut());
        Limits.Bandwidth bandwidth = read.limits().bandwidth().getFirst();
        assertEquals(Map.of("copy", 1L << 14), Map.of(bandwidth.kind(), bandwidth.workingSet()));
        assertTrue(bandwidth.bytesPerSecond() > 0 && bandwidth.error() >= 0, bandwidth.toString());
        assertEquals("f32", read.limits().fma().getFirst().type());
        assertEquals(ExactCase.OFFSETS, read.accuracy().stream().map(Accuracy::offset).toList());
        assertEquals(List.of("estimate", "measure"), read.regret().stream().map(Choice::effort).toList());
        assertTrue(read.regret().stream().allMatch(choice -> choice.ratio() >= 1), read.regret().toString());
        assertEquals(List.of(SMALL), read.rows().stream().map(Row::workload).toList());
        // Nothing of it is measured again.
        assertEquals(new Agenda(List.of(), List.of(Operation.LAYER_NORM), List.of(), List.of(), List.of("a problem")),
                agenda.without(read));
        Agenda other = new Agenda(List.of(Job.bandwidth(Route.READ, 1 << 14, 1), Job.fma("f32", 128, 2)), List.of(),
                List.of(), List.of(Job.norm(SMALL, "scalar", 2, 1), Job.norm(SMALL, "simd", 1, 1)), List.of());
        assertEquals(other, other.without(read));
        // Nor does the time count that is stolen from who measures nothing.
        study(agenda, file, null, read, 0.5).run();
        assertEquals(study.result().text(), ResultFile.read(file).text());
    }

    @Test
    void ofAnInterruptedRunAndTheOneThatGoesOnTheLargerStolenShareIsKept() {
        Map.of(0.1, 0.25, 0.4, 0.4).forEach((before, kept) -> {
            ResultFile result = Results.result();
            result.stolen(before);
            study(scalarAndCopy(), null, Duration.ofSeconds(3), result, 0.25).run();
            assertEquals(OptionalDouble.of(kept), result.stolen());
        });
    }

    @Test
    void theStolenShareIsThatOfTheWholeRun() {
        ResultFile result = Results.result();
        Iterator<Double> falling = Stream.iterate(0.75, share -> share / 2).iterator();
        new Study(StudyOptions.quick(List.of("scalar")), scalarAndCopy(),
                new Schedule(1, Duration.ofSeconds(3), System.nanoTime()), result, null,
                () -> OptionalDouble.of(falling.next())).run();
        assertEquals(OptionalDouble.of(falling.next() * 2), result.stolen());
    }

    @Test
    void whatTimeDoesNotAllowIsLeftOut() {
        Agenda agenda = new Agenda(List.of(Job.fma("f32", 128, 1)), List.of(), List.of(),
                List.of(Job.norm(SMALL, "scalar", 1, 1)), List.of());
        Path file = directory.resolve("r.json");
        Study study = study(agenda, file, Duration.ofSeconds(-1));
        study.run();
        assertEquals(List.of("time ran out before 2 of 2 measurements"), study.notes());
        assertFalse(study.failed());
        assertFalse(ResultFile.read(file).isComplete());
        assertEquals(List.of("f32 multiply-adds of 128 bits", "layer_norm forward rows 4x64 on scalar"),
                ResultFile.read(file).leftOut());
    }

    @Test
    void whoStopsAStudyKeepsItsFile() {
        Path file = directory.resolve("r.json");
        Study study =
                study(new Agenda(List.of(), List.of(), List.of(), List.of(Job.norm(SMALL, "scalar", 1, 1)), List.of()),
                        file, null);
        study.stop();
        study.run();
        assertTrue(study.isStopped());
        assertFalse(study.result().isComplete());
        assertFalse(file.toFile().exists());
    }

    @Test
    void whatMemoryDoesNotAllowIsSkipped() {
        Job huge = new Job(NormBenchmark.class, Job.norm(SMALL, "scalar", 1, 1).params(), 1, Long.MAX_VALUE);
        Study study = study(new Agenda(List.of(), List.of(), List.of(), List.of(huge), List.of()), null, null);
        study.run();
        assertFalse(study.failed());
        assertTrue(study.notes().getFirst().startsWith("layer_norm forward rows 4x64 on scalar was skipped: it needs"),
                study.notes().toString());
    }

    @Test
    void aWrongBackendFailsTheStudyButNotTheOthers() {
        Study study = study(new Agenda(List.of(), List.of(), List.of(),
                List.of(Job.norm(SMALL, WrongBackend.NAME, 1, 1), Job.norm(SMALL, NormBenchmark.COPY, 1, 1)),
                List.of()), null, Duration.ofSeconds(3));
        study.run();
        assertTrue(study.failed());
        assertTrue(study.notes().getFirst().contains("wrong is wrong, so it is not timed"), study.notes().toString());
        assertTrue(study.result().rows().stream().allMatch(Row::isCopy));
    }

    @Test
    void nothingToMeasureIsAnError() {
        assertThrows(BadInputException.class,
                () -> new Study(new StudyOptions(true, List.of("scalar"), List.of("lrn"), 1, List.of(1), List.of(1)),
                        null, 0, Results.result(), null));
    }
}
