package normkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of every technique against finite differences of its forward direction. */
class TechniqueGradientTest {

    private static final int SAMPLES = 12;
    private static final double STEP = 1e-3;

    /** A forward direction and its gradient. */
    record Pair(Technique forward, Technique backward) {

        static List<Pair> all(DataType type) {
            Map<String, Technique> byName = new LinkedHashMap<>();
            Technique.all(type).forEach(t -> byName.put(t.name, t));
            List<Pair> pairs = new ArrayList<>();
            byName.forEach((name, backward) -> {
                if (name.contains(" backward")) {
                    Technique forward = List.of("forward", "infer", "transform").stream()
                            .map(word -> byName.get(name.replace("backward", word))).filter(t -> t != null).findFirst()
                            .orElseThrow();
                    pairs.add(new Pair(forward, backward));
                }
            });
            assertTrue(pairs.size() > 50);
            return pairs;
        }

        String output() {
            return forward.outputs.containsKey("y") ? "y" : "w";
        }

        /** The output for some inputs. */
        Tensor run(Map<String, Tensor> inputs) {
            Map<String, Tensor> tensors = forward.tensors(Memory.HEAP, null, 1);
            forward.inputs.keySet().forEach(name -> tensors.put(name, inputs.get(name)));
            forward.run(tensors);
            forward.outputs.keySet().forEach(name -> inputs.put(name, tensors.get(name)));
            return tensors.get(output());
        }

        /** The gradients for some inputs and gradient of the output, with what the forward direction saves. */
        Map<String, Tensor> gradients(Map<String, Tensor> inputs, Tensor gradient) {
            run(inputs);
            Map<String, Tensor> tensors = backward.tensors(Memory.HEAP, null, 1);
            backward.inputs.keySet().stream().filter(inputs::containsKey)
                    .forEach(name -> tensors.put(name, inputs.get(name)));
            tensors.put("d" + output(), gradient);
            backward.run(tensors);
            return tensors;
        }

        Map<String, Tensor> inputs(long seed) {
            Map<String, Tensor> inputs = forward.tensors(Memory.HEAP, null, seed);
            inputs.keySet().retainAll(forward.inputs.keySet());
            return inputs;
        }

        @Override
        public String toString() {
            return backward.name;
        }
    }

    static List<Pair> wide() {
        return Pair.all(DataType.F64);
    }

    static List<Pair> narrow() {
        return Pair.all(DataType.F32);
    }

    @ParameterizedTest
    @MethodSource("wide")
    void gradientsAgreeWithFiniteDifferences(Pair pair) {
        check(pair, pair.inputs(11));
    }

    static List<Pair> scaledWeights() {
        return wide().stream().filter(pair -> pair.forward.name.contains("SCALED")).toList();
    }

    /** Weights so small that their spread is at its lower limit. */
    @ParameterizedTest
    @MethodSource("scaledWeights")
    void gradientsOfSmallWeightsAgreeWithFiniteDifferences(Pair pair) {
        Map<String, Tensor> inputs = pair.inputs(12);
        Tensor v = inputs.get("v");
        for (long i = 0; i < v.spec().elements(); i++) {
            v.set(i, v.get(i) * 1e-4);
        }
        check(pair, inputs, 1e-7);
    }

    private static void check(Pair pair, Map<String, Tensor> inputs) {
        check(pair, inputs, STEP);
    }

    private static void check(Pair pair, Map<String, Tensor> inputs, double step) {
        SplittableRandom random = new SplittableRandom(2);
        Tensor dy = Tensor.allocate(pair.forward.outputs.get(pair.output()));
        for (long i = 0; i < dy.spec().elements(); i++) {
            dy.set(i, random.nextDouble(-1, 1));
        }
        Map<String, Tensor> gradients = pair.gradients(inputs, dy);
        for (String name : pair.forward.inputs.keySet()) {
            Tensor gradient = gradients.get("d" + name);
            double largest = 0;
            for (long i = 0; i < gradient.spec().elements(); i++) {
                largest = Math.max(largest, Math.abs(gradient.get(i)));
            }
            assertTrue(largest > 0, name);
            for (int sample = 0; sample < SAMPLES; sample++) {
                long at = random.nextLong(gradient.spec().elements());
                // A kink of |x| is at 0.
                if (!pair.forward.name.contains("p 1.0") || Math.abs(inputs.get(name).get(at)) > 2 * step) {
                    double expected = difference(pair, inputs, name, at, dy, step);
                    assertEquals(expected, gradient.get(at), 1e-6 * largest, pair + " d" + name + " at " + at);
                }
            }
        }
    }

    /** The derivative of Σdy·y by the element of an input, from four values around it. */
    private static double difference(Pair pair, Map<String, Tensor> inputs, String name, long at, Tensor dy,
            double step) {
        double near = moved(pair, inputs, name, at, dy, step);
        double far = moved(pair, inputs, name, at, dy, 2 * step);
        return (8 * near - far) / (12 * step);
    }

    private static double moved(Pair pair, Map<String, Tensor> inputs, String name, long at, Tensor dy, double step) {
        Tensor input = inputs.get(name);
        double value = input.get(at);
        input.set(at, value + step);
        Tensor above = pair.run(new LinkedHashMap<>(inputs));
        input.set(at, value - step);
        Tensor below = pair.run(new LinkedHashMap<>(inputs));
        input.set(at, value);
        double sum = 0;
        for (long i = 0; i < dy.spec().elements(); i++) {
            sum += dy.get(i) * (above.get(i) - below.get(i));
        }
        return sum;
    }

    /** In f32 the same gradients, to a few roundings, as in f64 from the same numbers. */
    @ParameterizedTest
    @MethodSource("narrow")
    void gradientsInF32AgreeWithThoseInF64(Pair pair) {
        Pair wide = wide().stream().filter(p -> p.toString().equals(pair.toString())).findFirst().orElseThrow();
        Map<String, Tensor> inputs = pair.inputs(13);
        Tensor dy = Tensor.allocate(pair.forward.outputs.get(pair.output()));
        SplittableRandom random = new SplittableRandom(2);
        for (long i = 0; i < dy.spec().elements(); i++) {
            dy.set(i, random.nextDouble(-1, 1));
        }
        Map<String, Tensor> wideInputs = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> wideInputs.put(name, widened(tensor)));
        Map<String, Tensor> actual = pair.gradients(inputs, dy);
        Map<String, Tensor> expected = wide.gradients(wideInputs, widened(dy));
        for (String name : pair.backward.outputs.keySet()) {
            double largest = 0;
            for (long i = 0; i < actual.get(name).spec().elements(); i++) {
                largest = Math.max(largest, Math.abs(expected.get(name).get(i)));
            }
            for (long i = 0; i < actual.get(name).spec().elements(); i++) {
                assertEquals(expected.get(name).get(i), actual.get(name).get(i), 1e-6 * largest, name + " at " + i);
            }
        }
    }

    private static Tensor widened(Tensor tensor) {
        Tensor wide = Tensor.allocate(tensor.spec().as(DataType.F64));
        Call.copy(tensor, wide);
        return wide;
    }
}
