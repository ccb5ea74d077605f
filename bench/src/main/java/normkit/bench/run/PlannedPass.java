package normkit.bench.run;

import java.util.Arrays;
import java.util.function.Consumer;
import normkit.BatchNorm;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.Plan;
import normkit.PlanOptions;
import normkit.RmsNorm;
import normkit.SetwisePlan;
import normkit.dispatch.Backends;
import normkit.dispatch.Planner;
import normkit.dispatch.Request;
import normkit.spi.Execution;
import normkit.spi.Parallelism;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.tensor.TensorSpec;

/** One pass of one operation through the library's public classes, planned and ready to run any number of times. */
public final class PlannedPass implements AutoCloseable {

    private final Runnable close;
    private final Consumer<Operands> call;

    private PlannedPass(Plan plan, Consumer<Operands> call) {
        this(plan::close, call);
    }

    private PlannedPass(Runnable close, Consumer<Operands> call) {
        this.close = close;
        this.call = call;
    }

    /**
     * Plans a problem.
     *
     * @param problem what to solve
     * @param conventions momentum and the other choices of a batch norm; its ε and affine parameters are the problem's
     * @param backend name of the backend to force, or null to let the planner choose one of those whose results are the
     *        defined ones
     * @return the pass; the caller closes it
     * @throws IllegalArgumentException if no backend has that name
     * @throws IllegalStateException if the backend is not available or declines the problem
     */
    public static PlannedPass of(Problem problem, BatchNorm conventions, String backend) {
        return of(problem, conventions, backend, Parallelism.NONE);
    }

    /**
     * Plans a problem that several threads share.
     *
     * @param problem what to solve
     * @param conventions momentum and the other choices of a batch norm; its ε and affine parameters are the problem's
     * @param backend name of the backend to force, or null to let the planner choose one of those whose results are the
     *        defined ones
     * @param parallelism how many threads, and where they come from
     * @return the pass; the caller closes it
     * @throws IllegalArgumentException if no backend has that name
     * @throws IllegalStateException if the backend is not available or declines the problem
     */
    public static PlannedPass of(Problem problem, BatchNorm conventions, String backend, Parallelism parallelism) {
        PlanOptions any = backend == null ? PlanOptions.DEFAULT.exact() : PlanOptions.DEFAULT.backend(backend);
        PlanOptions both = parallelism.degree() == 1 ? any : any.parallel(parallelism.executor(), parallelism.degree());
        PlanOptions options = problem.pass().backward() ? both.backwardOnly() : both.forwardOnly();
        return switch (problem.operation()) {
            case BATCH_NORM -> problem.pass() == Pass.INFERENCE && onlyByName(backend)
                    ? inference(problem, backend, parallelism)
                    : batch(problem, batch(problem, conventions).plan(problem.x(), options));
            case LAYER_NORM -> setwise(problem, layer(problem).plan(problem.x(), options));
            case RMS_NORM -> setwise(problem, rms(problem).plan(problem.x(), options));
            case GROUP_NORM -> setwise(problem, group(problem).plan(problem.x(), options));
            case INSTANCE_NORM -> setwise(problem, instance(problem).plan(problem.x(), options));
        };
    }

    private static boolean onlyByName(String backend) {
        return backend != null && Backends.named(backend).backend().onlyByName();
    }

    /** Inference alone: a plan is of training, too, and there are peers that only infer. */
    private static PlannedPass inference(Problem problem, String backend, Parallelism parallelism) {
        Execution execution =
                Planner.here().decide(problem, Request.DEFAULT.backend(backend)).chosen().prepare(problem, parallelism);
        return new PlannedPass(execution::close,
                o -> execution.forward(o.x(), o.scale(), o.shift(), o.statistics(), o.y()));
    }

    private static BatchNorm batch(Problem problem, BatchNorm conventions) {
        BatchNorm norm = conventions.epsilon(problem.epsilon());
        norm = problem.fusion().before() != null ? norm.after(problem.fusion().before()) : norm;
        norm = problem.fusion().after() != null ? norm.then(problem.fusion().after()) : norm;
        norm = problem.hasScale() ? norm : norm.withoutScale();
        return problem.hasShift() ? norm : norm.withoutShift();
    }

    private static LayerNorm layer(Problem problem) {
        LayerNorm norm = LayerNorm.over(normalizedShape(problem)).epsilon(problem.epsilon());
        norm = problem.fusion().residual() ? norm.addingResidual() : norm;
        norm = problem.fusion().before() != null ? norm.after(problem.fusion().before()) : norm;
        norm = problem.fusion().after() != null ? norm.then(problem.fusion().after()) : norm;
        norm = problem.hasScale() ? norm : norm.withoutScale();
        return problem.hasShift() ? norm : norm.withoutShift();
    }

    private static RmsNorm rms(Problem problem) {
        RmsNorm norm = RmsNorm.over(normalizedShape(problem)).epsilon(problem.epsilon());
        norm = problem.fusion().residual() ? norm.addingResidual() : norm;
        norm = problem.fusion().before() != null ? norm.after(problem.fusion().before()) : norm;
        norm = problem.fusion().after() != null ? norm.then(problem.fusion().after()) : norm;
        norm = problem.hasScale() ? norm : norm.withoutScale();
        return problem.hasShift() ? norm.withShift() : norm;
    }

    private static GroupNorm group(Problem problem) {
        GroupNorm norm = GroupNorm.of(problem.groups()).epsilon(problem.epsilon());
        norm = problem.fusion().before() != null ? norm.after(problem.fusion().before()) : norm;
        norm = problem.fusion().after() != null ? norm.then(problem.fusion().after()) : norm;
        norm = problem.hasScale() ? norm : norm.withoutScale();
        return problem.hasShift() ? norm : norm.withoutShift();
    }

    private static InstanceNorm instance(Problem problem) {
        InstanceNorm norm = InstanceNorm.create().epsilon(problem.epsilon());
        norm = problem.fusion().before() != null ? norm.after(problem.fusion().before()) : norm;
        norm = problem.fusion().after() != null ? norm.then(problem.fusion().after()) : norm;
        norm = problem.hasScale() ? norm : norm.withoutScale();
        return problem.hasShift() ? norm : norm.withoutShift();
    }

    private static long[] normalizedShape(Problem problem) {
        TensorSpec x = problem.x();
        return Arrays.copyOfRange(x.shape(), x.rank() - problem.normalizedRank(), x.rank());
    }

    private static PlannedPass setwise(Problem problem, SetwisePlan plan) {
        if (problem.fusion().residual() && !problem.pass().backward()) {
            return new PlannedPass(plan,
                    o -> plan.forward(o.x(), o.residual(), o.scale(), o.shift(), o.sum(), o.y(), o.statistics()));
        }
        return new PlannedPass(plan,
                problem.pass().backward()
                        ? o -> plan.backward(o.dy(), o.dsum(), o.x(), o.scale(), o.shift(), o.statistics(), o.dx(),
                                o.dscale(), o.dshift())
                        : o -> plan.forward(o.x(), o.scale(), o.shift(), o.y(), o.statistics()));
    }

    private static PlannedPass batch(Problem problem, BatchNorm.Plan plan) {
        return new PlannedPass(plan, switch (problem.pass()) {
            case FORWARD -> o -> plan.train(o.x(), o.scale(), o.shift(), o.y(), o.statistics(), o.running());
            case INFERENCE -> o -> plan.infer(o.x(), o.scale(), o.shift(), o.statistics(), o.y());
            case BACKWARD ->
                o -> plan.backward(o.dy(), o.x(), o.scale(), o.shift(), o.statistics(), o.dx(), o.dscale(), o.dshift());
            case FROZEN_BACKWARD -> o -> plan.backwardFrozen(o.dy(), o.x(), o.scale(), o.shift(), o.statistics(),
                    o.dx(), o.dscale(), o.dshift());
        });
    }

    /**
     * Runs the pass.
     *
     * @param operands its tensors
     */
    public void run(Operands operands) {
        call.accept(operands);
    }

    /** Frees the plan. */
    @Override
    public void close() {
        close.run();
    }
}
