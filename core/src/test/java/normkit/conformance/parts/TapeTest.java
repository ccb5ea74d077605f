package normkit.conformance.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The chain rule against derivatives that are known. */
class TapeTest {

    private static final double NEAR = 1e-30;

    private static void assertNear(Quad expected, Quad actual) {
        assertEquals(0, expected.minus(actual).value(), NEAR * Math.max(1, expected.abs()));
    }

    private interface Function {
        Term of(Term x);
    }

    private static void check(double at, Function f, Quad value, Quad slope) {
        Tape tape = new Tape();
        Term x = tape.term(Quad.of(at));
        Term y = f.of(x);
        tape.differentiate(y);
        assertNear(value, y.value());
        assertNear(slope, x.gradient());
    }

    private static Quad ratio(double a, double b) {
        return Quad.of(a).over(b);
    }

    @Test
    void everyOperationHasItsDerivative() {
        check(3, x -> x.plus(5).times(x), Quad.of(24), Quad.of(11));
        check(3, x -> x.minus(x.times(x)), Quad.of(-6), Quad.of(-5));
        check(4, Term::root, Quad.of(2), Quad.of(0.25));
        check(4, Term::reciprocalRoot, Quad.of(0.5), Quad.of(-1 / 16.0));
        check(3, x -> x.over(7), ratio(3, 7), ratio(1, 7));
        check(3, x -> x.plus(1).over(x), ratio(4, 3), ratio(-1, 9));
        check(8, x -> x.power(2 / 4.0).times(x), Quad.of(8).times(Quad.of(8).times(Quad.of(8).reciprocalRoot())),
                Quad.of(8).times(Quad.of(8).reciprocalRoot()).times(1.5));
        check(-3, Term::magnitude, Quad.of(3), Quad.of(-1));
        check(0, Term::exp, Quad.of(1), Quad.of(1));
        check(5, x -> x.sized(1e6), Quad.of(5), Quad.of(1));
    }

    @Test
    void gradientsOfAllWaysAddUpAndSoDoTheirSizes() {
        Tape tape = new Tape();
        Term x = tape.term(Quad.of(2));
        Term[] powers = {x, x.times(x), x.times(-3)};
        Term sum = tape.sum(powers);
        powers[0] = null;
        tape.differentiate(sum);
        assertEquals(2, x.gradient().value());
        assertEquals(8, x.gradientSize());
        tape.differentiate(sum);
        assertEquals(2, x.gradient().value());
    }

    @Test
    void aDifferenceIsMeasuredByWhatItIsOf() {
        Tape tape = new Tape();
        Term a = tape.term(Quad.of(1e6));
        assertEquals(1e6, a.plus(1).minus(a).size(), 1);
        assertEquals(3, a.plus(1).minus(a).sized(3).size());
    }

    @Test
    void logarithmAndExponentialAreInverse() {
        for (double x : new double[] {1e-12, 0.3, 1, 2.5, 1e12}) {
            Quad back = QuadFunctions.exp(QuadFunctions.log(Quad.of(x)));
            assertEquals(0, back.minus(Quad.of(x)).value() / x, 1e-28);
        }
    }
}
