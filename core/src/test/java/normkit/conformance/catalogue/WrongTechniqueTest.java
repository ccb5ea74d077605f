package normkit.conformance.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import normkit.conformance.Report;
import normkit.conformance.Values;
import normkit.tensor.DataType;
import normkit.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue has to be able to fail: whichever output of whichever technique is wrong, it is caught. */
class WrongTechniqueTest {

    static List<String> techniques() {
        return Catalogue.techniques();
    }

    /** One small case of every variant, in which no output is a constant. */
    private static Catalogue cases(String technique, DataType type) {
        List<TechniqueCase> cases = new ArrayList<>();
        for (String variant : Family.named(technique).variants()) {
            cases.add(Catalogue.full().cases().stream()
                    .filter(c -> c.technique().equals(technique) && c.spec().elements() > 100)
                    .min(Comparator.comparing((TechniqueCase c) -> c.spec().elements()))
                    .map(c -> new TechniqueCase(technique, variant, type, c.layout(), c.shape(), Values.NORMAL, c.in(),
                            c.out(), false, c.seed()))
                    .orElseThrow());
        }
        return Catalogue.of(cases);
    }

    private static Report run(Catalogue catalogue, Consumer<Desk> fault) {
        return catalogue.tampered(plan -> desk -> {
            Exercise right = plan.at(desk);
            return new Exercise() {
                @Override
                public void run() {
                    right.run();
                    fault.accept(desk);
                }

                @Override
                public void formula(Formula f) {
                    right.formula(f);
                }

                @Override
                public void close() {
                    right.close();
                }
            };
        }).run("scalar", (done, of) -> {});
    }

    private static void assertCaught(String output, Report report) {
        assertEquals(report.rows().getFirst().cases(), report.rows().getFirst().failures(), report::text);
        assertTrue(report.failures().stream().anyMatch(f -> f.output().equals(output)), report::text);
    }

    /** Adds a little to the largest element; sums that cancel are known to no more digits than their terms. */
    private static void spoil(Tensor tensor) {
        long largest = 0;
        for (long i = 1; i < tensor.spec().elements(); i++) {
            largest = Math.abs(tensor.get(i)) > Math.abs(tensor.get(largest)) ? i : largest;
        }
        double relative = tensor.spec().type() == DataType.F32 ? 1e-4 : 1e-12;
        double value = tensor.get(largest);
        tensor.set(largest, value + relative * (1 + Math.abs(value)));
    }

    private static void scale(Tensor tensor, double factor) {
        for (long i = 0; i < tensor.spec().elements(); i++) {
            tensor.set(i, tensor.get(i) * factor);
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void everyOutputIsLookedAt(String technique) {
        for (DataType type : DataType.values()) {
            Catalogue catalogue = cases(technique, type);
            assertTrue(run(catalogue, desk -> {}).clean(), () -> run(catalogue, desk -> {}).text());
            for (TechniqueCase c : catalogue.cases()) {
                Catalogue one = Catalogue.of(List.of(c));
                List<String> outputs = new ArrayList<>();
                run(one, desk -> {
                    outputs.clear();
                    desk.outputNames().forEach(name -> {
                        // A participant may have nothing.
                        if (desk.output(name).spec().elements() > 0) {
                            outputs.add(name);
                        }
                    });
                });
                assertFalse(outputs.isEmpty());
                for (String output : outputs) {
                    assertCaught(output, run(one, desk -> spoil(desk.output(output))));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void aGradientThatIsOffByAMillionthIsCaughtByDifferences(String technique) {
        Catalogue catalogue = cases(technique, DataType.F64);
        if (technique.equals("batch_norm_folding")) {
            // It has no gradients: weights are folded when training is over.
            return;
        }
        Report report = run(catalogue, desk -> desk.outputNames().forEach(name -> {
            if (name.startsWith("d")) {
                scale(desk.output(name), 1 + 3e-6);
            }
        }));
        assertCaught("finite differences", report);
    }

    @Test
    void anOutputThatIsNotWrittenIsCaught() {
        assertCaught("dgate",
                run(cases("batch_instance_norm", DataType.F32), desk -> desk.output("dgate").set(0, Double.NaN)));
    }

    @Test
    void anInputThatIsChangedIsCaught() {
        Report report = run(cases("scale_norm", DataType.F32), desk -> desk.input("x").set(3, 1));
        assertCaught("x", report);
    }

    @Test
    void aSecondExecutionThatDiffersIsCaught() {
        int[] runs = new int[1];
        Report report = run(cases("switchable_norm", DataType.F32), desk -> {
            Tensor y = desk.output("y");
            y.set(2, runs[0]++ % 2 == 0 ? y.get(2) : Math.nextUp((float) y.get(2)));
        });
        assertCaught("y", report);
        assertTrue(report.failures().getFirst().message().contains("a first execution"), report::text);
    }

    @Test
    void anExceptionIsAFailure() {
        assertCaught("execution", run(cases("lp_norm", DataType.F64), desk -> {
            throw new IllegalStateException("no");
        }));
    }

    @Test
    void whatPaddingHoldsDoesNotComeThrough() {
        Report report = run(cases("padded_norm", DataType.F32), desk -> {
            Tensor dx = desk.output("dx");
            double[] values = desk.values().get("dy");
            int zero = firstZero(dx, values.length);
            if (zero >= 0) {
                dx.set(zero, values[zero]);
            }
        });
        assertTrue(report.failures().stream().anyMatch(f -> f.output().equals("dx")), report::text);
    }

    private static int firstZero(Tensor tensor, int length) {
        return IntStream.range(0, length).filter(i -> tensor.get(i) == 0).findFirst().orElse(-1);
    }
}
