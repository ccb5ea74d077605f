package normkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;

/** A call of one pass with an argument under each name, any of which can be replaced. */
final class Call {

    /** What outputs hold before a call, so that any write shows. */
    static final double UNTOUCHED = 77;

    private final Subject subject;
    private final Plan plan;
    private final Map<String, Tensor> arguments;

    private Call(Subject subject, Plan plan, Map<String, Tensor> arguments) {
        this.subject = subject;
        this.plan = plan;
        this.arguments = arguments;
    }

    /** A call with random inputs on the heap. */
    static Call of(Subject subject, Plan plan) {
        return of(subject, plan, Memory.HEAP, null, 1);
    }

    /** A call with random inputs. */
    static Call of(Subject subject, Plan plan, Memory memory, Arena arena, long seed) {
        Call call = new Call(subject, plan, new LinkedHashMap<>());
        SplittableRandom random = new SplittableRandom(seed);
        for (String name : subject.arguments()) {
            Tensor tensor = memory.allocate(call.specOf(name), arena);
            boolean positive = name.equals("variance") || name.equals("rstd");
            for (long i = 0; i < tensor.spec().elements(); i++) {
                double value = positive ? random.nextDouble(0.5, 1.5) : random.nextDouble(-2, 2);
                tensor.set(i, subject.inputs().contains(name) ? value : UNTOUCHED);
            }
            call.arguments.put(name, tensor);
        }
        return call;
    }

    TensorSpec specOf(String name) {
        return switch (name) {
            case "x", "y", "dx", "dy", "residual", "sum", "dsum" -> plan.decisions().getFirst().problem().x();
            case "scale", "shift", "dscale", "dshift" -> plan.parameterSpec();
            default -> plan.statisticsSpec();
        };
    }

    Tensor get(String name) {
        return arguments.get(name);
    }

    /** The same call with another tensor, or null, under a name. */
    Call with(String name, Tensor tensor) {
        Map<String, Tensor> changed = new LinkedHashMap<>(arguments);
        changed.put(name, tensor);
        return new Call(subject, plan, changed);
    }

    /** The same call with a copy of an argument in other memory. */
    Call copied(String name, Tensor memory) {
        copy(get(name), memory);
        return with(name, memory);
    }

    static void copy(Tensor from, Tensor to) {
        for (long i = 0; i < from.spec().elements(); i++) {
            to.set(i, from.get(i));
        }
    }

    void run() {
        prepared().run();
    }

    /** The call with everything looked up and wrapped, so that running it does nothing else. */
    Runnable prepared() {
        Tensor x = get("x");
        Tensor scale = get("scale");
        Tensor shift = get("shift");
        Tensor y = get("y");
        Tensor dy = get("dy");
        Tensor dx = get("dx");
        Tensor dscale = get("dscale");
        Tensor dshift = get("dshift");
        Tensor residual = get("residual");
        Tensor sum = get("sum");
        Tensor dsum = get("dsum");
        Statistics statistics = new Statistics(get("mean"), get("variance"), get("rstd"));
        RunningStatistics running = subject.pass() == Pass.FORWARD && subject.operation() == Operation.BATCH_NORM
                && get("running mean") != null
                        ? new RunningStatistics(get("running mean"), get("running variance"), 0)
                        : null;
        return switch (plan) {
            case SetwisePlan p when subject.fusion().residual() && !subject.pass().backward() ->
                () -> p.forward(x, residual, scale, shift, sum, y, statistics);
            case SetwisePlan p when subject.fusion().residual() ->
                () -> p.backward(dy, dsum, x, scale, shift, statistics, dx, dscale, dshift);
            case SetwisePlan p when !subject.pass().backward() -> () -> p.forward(x, scale, shift, y, statistics);
            case SetwisePlan p when subject.fusion().any() ->
                () -> p.backward(dy, x, scale, shift, statistics, dx, dscale, dshift);
            case SetwisePlan p -> () -> p.backward(dy, x, scale, statistics, dx, dscale, dshift);
            case BatchNorm.Plan p -> switch (subject.pass()) {
                case FORWARD -> () -> p.train(x, scale, shift, y, statistics, running);
                case INFERENCE -> () -> p.infer(x, scale, shift, statistics, y);
                case BACKWARD -> subject.fusion().any()
                        ? () -> p.backward(dy, x, scale, shift, statistics, dx, dscale, dshift)
                        : () -> p.backward(dy, x, scale, statistics, dx, dscale, dshift);
                case FROZEN_BACKWARD -> subject.fusion().any()
                        ? () -> p.backwardFrozen(dy, x, scale, shift, statistics, dx, dscale, dshift)
                        : () -> p.backwardFrozen(dy, x, scale, statistics, dx, dscale, dshift);
            };
        };
    }

    /** The bits of all arguments that can be read, by name. */
    Map<String, long[]> bits() {
        Map<String, long[]> bits = new LinkedHashMap<>();
        arguments.forEach((name, tensor) -> {
            if (tensor != null && readable(tensor)) {
                bits.put(name, bits(tensor));
            }
        });
        return bits;
    }

    private static boolean readable(Tensor tensor) {
        return tensor.isHeap()
                || tensor.segment().scope().isAlive() && tensor.segment().isAccessibleBy(Thread.currentThread());
    }

    static long[] bits(Tensor tensor) {
        long[] bits = new long[(int) tensor.spec().elements()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(tensor.get(i));
        }
        return bits;
    }

    /** Asserts that the outputs of this call have the bits another call's had. */
    void assertOutputs(Map<String, long[]> expected) {
        Map<String, long[]> actual = bits();
        for (String name : subject.outputs()) {
            assertArrayEquals(expected.get(name), actual.get(name), () -> subject + ": " + name);
        }
    }

    /** Asserts that every argument still has the bits it had. */
    void assertUnchanged(Map<String, long[]> before) {
        Map<String, long[]> after = bits();
        before.forEach((name, bits) -> assertArrayEquals(bits, after.get(name), () -> subject + " changed " + name));
    }
}
