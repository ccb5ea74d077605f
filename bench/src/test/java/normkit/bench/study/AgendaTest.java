package normkit.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import normkit.bench.jmh.NormBenchmark;
import normkit.bench.jmh.SweepBenchmark;
import normkit.bench.run.Workload;
import normkit.spi.Operation;
import org.junit.jupiter.api.Test;

class AgendaTest {

    private static Agenda full(List<Integer> threads, String... filter) {
        return Agenda.of(new StudyOptions(false, List.of("scalar", "simd"), List.of(filter), 5, threads, List.of(1)));
    }

    private static List<String> texts(List<Job> jobs) {
        return jobs.stream().map(Job::toString).toList();
    }

    @Test
    void theQuickProblemsAreThoseOfRealModels() {
        Agenda agenda = Agenda.of(StudyOptions.quick(List.of("scalar")));
        Set<String> problems =
                agenda.rows().stream().map(job -> Workload.of(job.params()).toString()).collect(Collectors.toSet());
        assertEquals(new HashSet<>(Agenda.QUICK), problems);
        assertEquals(List.of(Operation.values()), agenda.accuracies());
        assertEquals(List.of(), agenda.regrets());
        assertTrue(agenda.limits().size() < full(List.of(1)).limits().size());
    }

    @Test
    void whatTellsLeastIsLeftOutFirst() {
        StudyOptions options = StudyOptions.quick(List.of("scalar"));
        int all = Agenda.of(options).jobs().size();
        Agenda fewer = Agenda.of(options, jobs -> jobs.size() <= all - 3);
        assertEquals(Agenda.QUICK.subList(Agenda.QUICK.size() - 2, Agenda.QUICK.size()), fewer.leftOut());
        Set<String> left =
                fewer.rows().stream().map(job -> Workload.of(job.params()).toString()).collect(Collectors.toSet());
        assertEquals(Set.copyOf(Agenda.QUICK.subList(0, Agenda.QUICK.size() - 2)), left);
        // Whatever fits or not, something is measured.
        assertEquals(Agenda.QUICK.subList(1, Agenda.QUICK.size()), Agenda.of(options, jobs -> false).leftOut());
        assertEquals(List.of(), Agenda.of(options).leftOut());
    }

    @Test
    void commasSeparateAlternatives() {
        Agenda agenda = full(List.of(1), "rows 256x768,rows 1x4096,accuracy of layer", "norm forward,accuracy of");
        assertEquals(List.of("layer_norm forward rows 256x768", "rms_norm forward rows 1x4096"),
                agenda.rows().stream().map(job -> Workload.of(job.params()).toString()).distinct().toList());
        assertEquals(List.of(Operation.LAYER_NORM), agenda.accuracies());
    }

    @Test
    void regretsAndAccuraciesNeedNoLimits() {
        Agenda regrets = Agenda.of(new StudyOptions(false, List.of("scalar"), List.of("regret of batch_norm forward"),
                5, List.of(1), List.of(1, 2)));
        assertEquals(List.of(), regrets.jobs());
        assertEquals(List.of(1, 2), regrets.regrets().stream().map(Agenda.Question::degree).distinct().toList());
        assertTrue(regrets.regrets().stream()
                .allMatch(q -> Workload.of(q.problem()).toString().startsWith("batch_norm forward")));
        Agenda accuracies = full(List.of(1), "accuracy of");
        assertEquals(List.of(), accuracies.jobs());
        assertEquals(List.of(), accuracies.regrets());
        assertEquals(List.of(Operation.values()), accuracies.accuracies());
    }

    @Test
    void everySizeIsCopiedOnce() {
        List<Job> copies = full(List.of(1)).rows().stream().filter(
                job -> job.benchmark() == NormBenchmark.class && job.params().get("backend").equals(NormBenchmark.COPY))
                .toList();
        List<Long> sizes = copies.stream().map(job -> Workload.of(job.params()).bytes()).toList();
        assertEquals(sizes.size(), new HashSet<>(sizes).size());
        Set<Long> all = full(List.of(1)).rows().stream().filter(job -> job.benchmark() == NormBenchmark.class)
                .map(job -> Workload.of(job.params()).bytes()).collect(Collectors.toSet());
        assertEquals(all, new HashSet<>(sizes));
    }

    @Test
    void theFilterGoesByDescription() {
        Agenda one = full(List.of(1, 2), "layer_norm forward", "256x768");
        assertEquals(List.of("layer_norm forward rows 256x768 on copy", "layer_norm forward rows 256x768 on scalar",
                "layer_norm forward rows 256x768 on simd", "layer_norm forward rows 256x768 on copy, 2 threads",
                "layer_norm forward rows 256x768 on scalar, 2 threads",
                "layer_norm forward rows 256x768 on simd, 2 threads"), texts(one.rows()));
        assertEquals(1, one.regrets().size());
        assertEquals(List.of(), one.accuracies());
        // Limits are what rows are held against.
        assertEquals(2 * full(List.of(1)).limits().size(), one.limits().size());
        assertTrue(full(List.of(1), "no such thing").isEmpty());
    }

    @Test
    void sharedCallsAreRowsOfTheirOwn() {
        Agenda agenda = Agenda.of(new StudyOptions(false, List.of("simd"), List.of("layer_norm forward", "256x768"), 5,
                List.of(1, 2), List.of(1, 2)));
        assertEquals(List.of("layer_norm forward rows 256x768 on copy", "layer_norm forward rows 256x768 on simd",
                "layer_norm forward rows 256x768 on simd, shared by 2",
                "layer_norm forward rows 256x768 on copy, 2 threads",
                "layer_norm forward rows 256x768 on simd, 2 threads",
                "layer_norm forward rows 256x768 on simd, shared by 2, 2 threads"), texts(agenda.rows()));
        assertEquals(List.of(1, 2), agenda.regrets().stream().map(Agenda.Question::degree).toList());
        assertEquals(List.of(1, 2, 4), agenda.limits().stream().map(Job::threads).distinct().toList());
    }

    @Test
    void theSweepIsOfBothOperationsOnEveryBackend() {
        List<Job> sweep = full(List.of(1), "sweep of").rows();
        assertEquals(2 * 10 * 3, sweep.size());
        assertTrue(sweep.stream().allMatch(job -> job.benchmark() == SweepBenchmark.class));
        assertEquals("layer_norm of 1024 bytes on copy", sweep.getFirst().toString());
        assertEquals("batch_norm of 268435456 bytes on simd", sweep.getLast().toString());
    }

    @Test
    void onlyWhatABackendSupportsIsTimed() {
        Agenda agenda = Agenda.of(new StudyOptions(false, List.of("wrong"), List.of(), 1, List.of(1), List.of(1)));
        assertTrue(agenda.rows().stream().filter(job -> job.params().get("backend").equals("wrong"))
                .allMatch(job -> job.params().get("operation").equals("layer_norm")));
    }
}
