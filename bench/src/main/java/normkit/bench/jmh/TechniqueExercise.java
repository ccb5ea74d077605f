package normkit.bench.jmh;

import java.lang.foreign.MemorySegment;
import normkit.PlanOptions;
import normkit.tensor.Tensor;

/**
 * One pass of one technique, ready to be timed: set up, and its results verified, against the scalar backend's bits where
 * backends run it and against formulas where it has loops of its own. Or a copy of x to y.
 */
final class TechniqueExercise implements AutoCloseable {

    private static final String REFERENCE = "scalar";

    private final Stage stage;
    private final Runnable work;

    private TechniqueExercise(Stage stage, Runnable work) {
        this.stage = stage;
        this.work = work;
    }

    /**
     * Makes an exercise.
     *
     * @param technique what is timed
     * @param pass {@code forward} or {@code backward}
     * @param backend a backend, {@link TechniqueBenchmark#AUTO} or {@link NormBenchmark#COPY}
     * @param verified whether the results are known to be right
     * @return the exercise; the caller closes it
     * @throws IllegalArgumentException if the technique has no such pass, or no backends to choose from
     * @throws IllegalStateException if the result is wrong, or the backend is not available
     */
    static TechniqueExercise of(TimedTechnique technique, String pass, String backend, boolean verified) {
        require(technique, pass, backend);
        boolean named = !backend.equals(TechniqueBenchmark.AUTO) && !backend.equals(NormBenchmark.COPY);
        PlanOptions options = PlanOptions.DEFAULT.exact();
        Stage stage = technique.stage(named ? options.backend(backend) : options);
        try {
            if (backend.equals(NormBenchmark.COPY)) {
                long bytes = stage.spec.byteSize();
                return new TechniqueExercise(stage,
                        () -> MemorySegment.copy(stage.x.segment(), 0, stage.y.segment(), 0, bytes));
            }
            boolean backward = pass.equals(TechniqueBenchmark.BACKWARD);
            if (!verified) {
                verify(technique, backend, stage);
            } else if (backward) {
                // For what it saves.
                stage.forward().run();
            }
            return new TechniqueExercise(stage, backward ? stage.backward() : stage.forward());
        } catch (RuntimeException | Error e) {
            stage.close();
            throw e;
        }
    }

    private static void require(TimedTechnique technique, String pass, String backend) {
        if (!technique.passes().contains(pass)) {
            throw new IllegalArgumentException("pass is " + pass + "; for " + technique.label() + " it must be "
                    + String.join(" or ", technique.passes()));
        }
        if (!technique.runs(backend)) {
            throw new IllegalArgumentException("backend is " + backend + "; " + technique.label()
                    + " has loops of its own, so it must be " + TechniqueBenchmark.AUTO + " or " + NormBenchmark.COPY);
        }
    }

    private static void verify(TimedTechnique technique, String backend, Stage stage) {
        runOnce(stage);
        if (technique.usesKernels()) {
            try (Stage reference = technique.stage(PlanOptions.DEFAULT.backend(REFERENCE))) {
                runOnce(reference);
                stage.outputs().forEach((name, tensor) -> Verification.same(backend, name, tensor, REFERENCE,
                        reference.outputs().get(name)));
            }
        } else {
            stage.formulas().forEach((name, formula) -> Verification.near(technique.label(), name,
                    stage.outputs().get(name), "its formula", stage.tensor(name, formula.get())));
        }
    }

    private static void runOnce(Stage stage) {
        stage.forward().run();
        if (stage.backward() != null) {
            stage.backward().run();
        }
    }

    /** Runs it once. */
    void run() {
        work.run();
    }

    /** Frees everything. */
    @Override
    public void close() {
        stage.close();
    }
}
