package normkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import normkit.scalar.ScalarBackend;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Execution;
import normkit.spi.Fusion;
import normkit.spi.Operation;
import normkit.spi.Pass;
import normkit.spi.Problem;
import normkit.spi.Support;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The suite has to be able to fail: each of these faults, some of them of well-known libraries, is caught. */
class BrokenBackendTest {

    private static final Conformance QUICK = Conformance.quick();

    /** The portable backend with its problem or its results tampered with. */
    private static class Tampered implements Backend {

        private final ScalarBackend scalar = new ScalarBackend();

        Problem change(Problem problem) {
            return problem;
        }

        void afterForward(Problem problem, Tensor x, Tensor y) {
        }

        void afterBackward(Problem problem, Tensor dy, Tensor x, Tensor dx, Tensor dshift, Statistics statistics) {
        }

        @Override
        public String name() {
            return "tampered";
        }

        @Override
        public int priority() {
            return 0;
        }

        @Override
        public Availability probe() {
            return scalar.probe();
        }

        @Override
        public Support supports(Problem problem) {
            return scalar.supports(problem);
        }

        @Override
        public Execution prepare(Problem problem) {
            Execution right = scalar.prepare(change(problem));
            return new Execution() {
                @Override
                public void forward(Tensor x, Tensor scale, Tensor shift, Statistics statistics, Tensor y) {
                    right.forward(x, scale, shift, statistics, y);
                    afterForward(problem, x, y);
                }

                @Override
                public void backward(Tensor dy, Tensor x, Tensor scale, Statistics statistics, Tensor dx, Tensor dscale,
                        Tensor dshift) {
                    right.backward(dy, x, scale, statistics, dx, dscale, dshift);
                    afterBackward(problem, dy, x, dx, dshift, statistics);
                }

                @Override
                public void close() {
                    right.close();
                }
            };
        }
    }

    private static Report run(Backend backend, Predicate<Case> filter) {
        return QUICK.only(filter).run(backend, (done, of) -> {});
    }

    private static void assertCaught(String output, Backend backend, Predicate<Case> filter) {
        Report report = run(backend, filter);
        assertFalse(report.clean());
        assertTrue(report.failures().stream().anyMatch(f -> f.output().equals(output)), report::text);
    }

    private static void add(Tensor t, double value) {
        for (long i = 0; i < t.spec().elements(); i++) {
            t.set(i, t.get(i) + value);
        }
    }

    @Test
    void anEpsilonOutsideTheRootIsCaught() {
        assertCaught("y", new Tampered() {
            @Override
            Problem change(Problem p) {
                // √(v + ε²) is close to √v + ε for the variances near 0 where it matters, and wrong everywhere else.
                return withEpsilon(p, e -> p.epsilon() * p.epsilon());
            }
        }, c -> c.operation() == Operation.LAYER_NORM && c.pass() == Pass.FORWARD);
    }

    private static Problem withEpsilon(Problem p, UnaryOperator<Double> change) {
        return new Problem(p.operation(), p.pass(), p.x(), p.normalizedRank(), p.groups(), p.hasScale(), p.hasShift(),
                change.apply(p.epsilon()));
    }

    @Test
    void anUnbiasedVarianceIsCaught() {
        assertCaught("y", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                double n = p.setSize();
                for (long i = 0; i < y.spec().elements(); i++) {
                    y.set(i, y.get(i) * Math.sqrt((n - 1) / n));
                }
            }
        }, c -> c.operation() == Operation.INSTANCE_NORM && c.pass() == Pass.FORWARD && !c.shift());
    }

    @Test
    void aMissingProjectionInTheGradientOfRmsNormIsCaught() {
        assertCaught("dx", new Tampered() {
            @Override
            Problem change(Problem p) {
                return p.operation() == Operation.RMS_NORM && p.pass() == Pass.BACKWARD ? frozen(p) : p;
            }
        }, c -> c.operation() == Operation.RMS_NORM && c.pass() == Pass.BACKWARD);
    }

    /** dx = γ·rstd·dy: what is left of a gradient without its projection. */
    private static Problem frozen(Problem p) {
        return new Problem(p.operation(), Pass.FROZEN_BACKWARD, p.x(), p.normalizedRank(), p.groups(), p.hasScale(),
                p.hasShift(), p.epsilon());
    }

    @Test
    void aMeanThatDoesNotBelongInTheGradientOfRmsNormIsCaught() {
        assertCaught("dx", new Tampered() {
            @Override
            void afterBackward(Problem p, Tensor dy, Tensor x, Tensor dx, Tensor dshift, Statistics statistics) {
                long n = p.setSize();
                for (long row = 0; n > 0 && row < dx.spec().elements() / n; row++) {
                    double mean = 0;
                    for (long i = 0; i < n; i++) {
                        mean += dx.get(row * n + i) / n;
                    }
                    for (long i = 0; i < n; i++) {
                        dx.set(row * n + i, dx.get(row * n + i) - mean);
                    }
                }
            }
        }, c -> c.operation() == Operation.RMS_NORM && c.pass() == Pass.BACKWARD);
    }

    @Test
    void anElementPastTheEndIsCaught() {
        assertCaught("y", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                poke(y, y.spec().byteSize());
            }
        }, c -> c.pass() == Pass.FORWARD);
    }

    @Test
    void anElementBeforeTheStartIsCaught() {
        assertCaught("y", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                poke(y, -1);
            }
        }, c -> c.pass() == Pass.FORWARD);
    }

    /** Writes a byte next to a tensor: in native memory through a segment of its own, on the heap through the array's. */
    private static void poke(Tensor t, long offset) {
        MemorySegment memory = t.floats() != null
                ? MemorySegment.ofArray(t.floats())
                : t.doubles() != null ? MemorySegment.ofArray(t.doubles()) : t.segment();
        long start = t.isHeap() ? t.offset() * t.spec().type().bytes() : t.offset();
        memory.set(ValueLayout.JAVA_BYTE, start + offset, (byte) 1);
    }

    @Test
    void aChangedInputIsCaught() {
        assertCaught("x", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                if (x.spec().elements() > 0 && !x.sameMemory(y)) {
                    x.set(0, x.get(0) + 1);
                }
            }
        }, c -> c.pass() == Pass.FORWARD);
    }

    @Test
    void anElementThatIsNotWrittenIsCaught() {
        assertCaught("y", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                if (y.spec().elements() > 0) {
                    y.set(y.spec().elements() - 1, Double.NaN);
                }
            }
        }, c -> c.pass() == Pass.FORWARD);
    }

    @Test
    void theDifferenceOfSquaresAsVarianceIsCaughtAtAnOffset() {
        assertCaught("y", new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                long n = p.setSize();
                for (long row = 0; n > 0 && !x.sameMemory(y) && row < x.spec().elements() / n; row++) {
                    naive(x, y, row * n, n, p.epsilon());
                }
            }

            private void naive(Tensor x, Tensor y, long start, long n, double epsilon) {
                float sum = 0;
                float squares = 0;
                for (long i = start; i < start + n; i++) {
                    sum += (float) x.get(i);
                    squares += (float) (x.get(i) * x.get(i));
                }
                float mean = sum / n;
                double rstd = 1 / Math.sqrt(Math.max(0, squares / n - mean * mean) + epsilon);
                for (long i = start; i < start + n; i++) {
                    y.set(i, (x.get(i) - mean) * rstd);
                }
            }
        }, c -> c.operation() == Operation.LAYER_NORM && c.pass() == Pass.FORWARD && !c.scale() && !c.shift()
                && c.values() == Values.OFFSET_1E4);
    }

    @Test
    void aShiftGradientThatForgetsARowIsCaught() {
        assertCaught("dshift", new Tampered() {
            @Override
            void afterBackward(Problem p, Tensor dy, Tensor x, Tensor dx, Tensor dshift, Statistics statistics) {
                if (dshift != null && dy.spec().elements() > 0 && dx.spec() != null && !dx.sameMemory(dy)) {
                    dshift.set(0, dshift.get(0) - dy.get(0));
                }
            }
        }, c -> c.pass() == Pass.BACKWARD);
    }

    @Test
    void resultsThatChangeFromRunToRunAreCaught() {
        Report report = run(new Tampered() {
            private boolean odd;

            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                odd = !odd;
                if (odd && y.spec().elements() > 0) {
                    y.set(0, Math.nextUp((float) y.get(0)));
                }
            }
        }, c -> c.pass() == Pass.FORWARD && c.values() == Values.NORMAL);
        assertTrue(report.failures().stream().anyMatch(f -> f.message().contains("a second execution")), report::text);
    }

    @Test
    void aBackendThatThrowsIsCaught() {
        Report report = run(new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                throw new IllegalStateException("out of order");
            }
        }, c -> c.pass() == Pass.FORWARD);
        assertTrue(report.failures().getFirst().message().contains("out of order"), report::text);
    }

    @Test
    void anAdditiveErrorOfManyUlpsIsMeasured() {
        Report report = run(new Tampered() {
            @Override
            void afterForward(Problem p, Tensor x, Tensor y) {
                add(y, 1e-5);
            }
        }, c -> c.pass() == Pass.INFERENCE && c.values() == Values.NORMAL);
        assertFalse(report.clean());
    }

    @Test
    void whatIsDeclinedIsCountedWithItsReason() {
        Report report = run(new Tampered() {
            @Override
            public Support supports(Problem problem) {
                return problem.hasScale() ? new Support.Declined("no scale, please") : super.supports(problem);
            }
        }, c -> c.operation() == Operation.BATCH_NORM && c.pass() == Pass.FORWARD && !c.fusion().any());
        Report.Row row = report.rows().getFirst();
        assertTrue(report.clean(), report::text);
        assertTrue(row.declined().get("no scale, please") > 50);
        assertEquals(QUICK.cases().stream()
                .filter(c -> c.operation() == Operation.BATCH_NORM && c.pass() == Pass.FORWARD && !c.fusion().any())
                .count(), row.cases() + row.declined().get("no scale, please"));
    }

    @Test
    void aBackendThatKnowsNothingOfFusionsIsNotAskedForThem() {
        Report report = run(new Tampered(), c -> c.operation() == Operation.LAYER_NORM && c.pass() == Pass.FORWARD);
        assertTrue(report.clean(), report::text);
        assertTrue(report.rows().getFirst().declined().get("fused norm,gelu is not supported") > 10);
    }

    /** Says that it fuses, and changes the problem. */
    private static class Fusing extends Tampered {
        @Override
        public boolean fuses() {
            return true;
        }

        Problem with(Problem p, Fusion fusion) {
            return new Problem(p.operation(), p.pass(), p.x(), p.normalizedRank(), p.groups(), p.hasScale(),
                    p.hasShift(), p.epsilon(), fusion);
        }
    }

    @Test
    void aForgottenActivationIsCaught() {
        assertCaught("y", new Fusing() {
            @Override
            Problem change(Problem p) {
                return with(p, Fusion.NONE);
            }
        }, c -> c.pass() == Pass.FORWARD && c.fusion().equals(Fusion.of("norm,silu")));
    }

    @Test
    void anActivationOnTheWrongSideIsCaught() {
        assertCaught("y", new Fusing() {
            @Override
            Problem change(Problem p) {
                return with(p, Fusion.of("norm,tanh"));
            }
        }, c -> c.pass() == Pass.FORWARD && c.fusion().equals(Fusion.of("tanh,norm")));
    }

    @Test
    void theApproximationOfAnActivationIsCaught() {
        assertCaught("y", new Fusing() {
            @Override
            Problem change(Problem p) {
                return with(p, Fusion.of("norm,gelu_tanh"));
            }
        }, c -> c.pass() == Pass.FORWARD && c.fusion().equals(Fusion.of("norm,gelu")) && c.values() == Values.NORMAL);
    }

    @Test
    void theSlopeOfAnotherActivationIsCaught() {
        Backend backend = new Fusing() {
            @Override
            Problem change(Problem p) {
                return with(p, Fusion.of("norm,leaky_relu(0.01)"));
            }
        };
        for (String output : List.of("dx", "dscale", "dshift")) {
            assertCaught(output, backend, c -> c.pass() == Pass.BACKWARD && c.operation() == Operation.GROUP_NORM
                    && c.scale() && !c.shift() == output.equals("dx") && c.fusion().equals(Fusion.of("norm,relu")));
        }
    }

    @Test
    void aBackendThatDoesNothingAtAllIsNotClean() {
        Report report = run(new Tampered() {
            @Override
            public Support supports(Problem problem) {
                return new Support.Declined("never");
            }
        }, c -> true);
        assertFalse(report.clean());
    }

    @Test
    void anUnavailableBackendIsRefusedWithItsReason() {
        Backend backend = new Tampered() {
            @Override
            public Availability probe() {
                return new Availability.Unavailable("it is Sunday");
            }
        };
        assertTrue(assertThrows(IllegalStateException.class, () -> run(backend, c -> true)).getMessage()
                .contains("it is Sunday"));
    }
}
