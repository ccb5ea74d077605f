package normkit.bench.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import normkit.PlanOptions;
import normkit.bench.files.BadInputException;
import normkit.bench.files.Picture;
import normkit.bench.files.TensorFile;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** One run of {@code apply} with a technique: its operands and options, checked. */
final class TechniqueRun {

    private final ProblemOptions problem;
    private final FileOptions files;
    private final TechniqueOptions options;
    private final Arena arena;
    private final Tensor x;
    private final Technique technique;

    TechniqueRun(ProblemOptions problem, FileOptions files, TechniqueOptions options, TensorFile x, Arena arena) {
        this.problem = problem;
        this.files = files;
        this.options = options;
        this.arena = arena;
        this.technique = problem.technique();
        this.x = x.tensor(technique.layout(problem));
    }

    /**
     * Runs.
     *
     * @throws BadInputException if a file or option is wrong or does not belong here
     */
    Results run() {
        problem.requireNone();
        Map<String, Object> given = new LinkedHashMap<>(options.given());
        given.put("--eps", problem.epsilon());
        given.put("--backend", problem.backend());
        given.put("--scale", files.scale);
        given.put("--shift", files.shift);
        given.put("--residual", files.residual);
        given.put("--dsum", files.dsum);
        given.put("--mean", files.mean);
        given.put("--rstd", files.rstd);
        given.put("--var", files.var);
        given.put("--running-mean", files.runningMean);
        given.put("--running-var", files.runningVar);
        given.forEach((option, value) -> {
            if (value != null && !technique.reads(option)) {
                throw new BadInputException(option + " is not for " + technique.label());
            }
        });
        if (files.dy != null && !backward()) {
            throw new BadInputException("--dy is for --mode backward");
        }
        if (files.png != null) {
            if (backward()) {
                throw new BadInputException("--png is for --mode train or infer");
            }
            Picture.requirePicture(x.spec());
        }
        return technique.apply(this);
    }

    TechniqueOptions options() {
        return options;
    }

    boolean backward() {
        return problem.mode() == Mode.BACKWARD;
    }

    boolean training() {
        return problem.mode() == Mode.TRAIN;
    }

    /** ε, or what it is if it is not given. */
    double epsilon(double unlessGiven) {
        return problem.epsilon() == null ? unlessGiven : problem.epsilon();
    }

    /** Results are to be the same wherever this runs. */
    PlanOptions planOptions() {
        PlanOptions exact = PlanOptions.DEFAULT.exact();
        return problem.backend() == null ? exact : exact.backend(problem.backend());
    }

    Tensor x() {
        return x;
    }

    /** The gradient of y, which must be there. */
    Tensor dy() {
        if (files.dy == null) {
            throw new BadInputException("--dy is missing; --mode backward must have it");
        }
        return read("--dy", files.dy, x.spec());
    }

    /** Whether there is a scale. */
    boolean scaled() {
        return files.scale != null;
    }

    /** The scale, which must be there. */
    Tensor scale(TensorSpec spec) {
        if (files.scale == null) {
            throw new BadInputException("--scale is missing; " + technique.label() + " must have it");
        }
        return read("--scale", files.scale, spec);
    }

    private Tensor read(String option, Path file, TensorSpec spec) {
        return OperandFile.read(option, file, spec, x.spec().type(), arena);
    }

    /** Room for a result like x. */
    Tensor likeX() {
        return like(x.spec());
    }

    /** Room for a result. */
    Tensor like(TensorSpec spec) {
        return Tensor.allocate(spec, arena);
    }
}
