package normkit.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import normkit.Coordinates;
import normkit.Digits;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spectral norm against a singular value decomposition of a library. */
class SpectralNormTest {

    private static final TensorSpec SPEC = TensorSpec.of(DataType.F64, Layout.ROWS, 8, 5, 3, 4);

    /** The weight as the definition has it: rows by one axis, columns by the others in order. */
    private static RealMatrix matrix(Tensor weight, int dim) {
        List<long[]> rows = Coordinates.sets(weight.spec(), axis -> axis == dim);
        RealMatrix matrix = new Array2DRowRealMatrix(rows.size(), rows.getFirst().length);
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < rows.get(r).length; c++) {
                matrix.setEntry(r, c, weight.get(rows.get(r)[c]));
            }
        }
        return matrix;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void iterationsFindTheLargestSingularValueAndItsVectors(int dim) {
        Tensor weight = Digits.random(SPEC, 0, 1, 3);
        SingularValueDecomposition svd = new SingularValueDecomposition(matrix(weight, dim));
        try (SpectralNorm.Plan plan = SpectralNorm.create().dim(dim).warmUp(20_000).plan(SPEC)) {
            SpectralVectors vectors = plan.initialize(weight, 7);
            double sigma = svd.getSingularValues()[0];
            assertEquals(sigma, plan.sigma(weight, vectors), 1e-13 * sigma);
            assertParallel(svd.getU().getColumn(0), vectors.u());
            assertParallel(svd.getV().getColumn(0), vectors.v());
            Tensor w = Tensor.allocate(SPEC);
            plan.infer(weight, vectors, w);
            assertEquals(1, new SingularValueDecomposition(matrix(w, dim)).getNorm(), 1e-13);
        }
    }

    private static void assertParallel(double[] expected, double[] actual) {
        double dot = 0;
        double square = 0;
        for (int i = 0; i < expected.length; i++) {
            dot += expected[i] * actual[i];
            square += actual[i] * actual[i];
        }
        assertEquals(1, square, 1e-14);
        assertEquals(1, Math.abs(dot), 1e-12);
    }

    /** A few steps, by matrices of a library from the same vectors. */
    @ParameterizedTest
    @CsvSource({"0,1", "1,3", "3,2"})
    void aTrainingStepIsThatManyIterations(int dim, int iterations) {
        Tensor weight = Digits.random(SPEC, 0.1, 1, 4);
        RealMatrix matrix = matrix(weight, dim);
        try (SpectralNorm.Plan plan = SpectralNorm.create().dim(dim).iterations(iterations).warmUp(0).plan(SPEC)) {
            SpectralVectors vectors = plan.initialize(weight, 1);
            double[] u = vectors.u();
            double[] v = vectors.v();
            for (int i = 0; i < iterations; i++) {
                v = direction(matrix.transpose().operate(u));
                u = direction(matrix.operate(v));
            }
            Tensor w = Tensor.allocate(SPEC);
            plan.train(weight, vectors, w);
            assertArrayEquals(u, vectors.u(), 1e-14);
            assertArrayEquals(v, vectors.v(), 1e-14);
            double[] product = matrix.operate(v);
            double sigma = 0;
            for (int i = 0; i < u.length; i++) {
                sigma += u[i] * product[i];
            }
            assertEquals(sigma, plan.sigma(weight, vectors), 1e-14 * sigma);
            for (long i = 0; i < SPEC.elements(); i++) {
                assertEquals(weight.get(i) / sigma, w.get(i), 1e-14);
            }
            Tensor again = Tensor.allocate(SPEC);
            plan.infer(weight, vectors, again);
            assertArrayEquals(u, vectors.u(), 1e-14);
            assertEquals(w.get(17), again.get(17));
        }
    }

    private static double[] direction(double[] vector) {
        double sum = 0;
        for (double element : vector) {
            sum += element * element;
        }
        double[] direction = vector.clone();
        for (int i = 0; i < direction.length; i++) {
            direction[i] /= Math.sqrt(sum);
        }
        return direction;
    }

    /** u and v are constants of the gradient: dW = dw/σ − (Σdw·W)/σ²·uvᵀ, element by element. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void theGradientIsTheFormulas(int dim) {
        Tensor weight = Digits.random(SPEC, 0, 1, 5);
        Tensor dw = Digits.random(SPEC, 0, 1, 6);
        Tensor dweight = Tensor.allocate(SPEC);
        try (SpectralNorm.Plan plan = SpectralNorm.create().dim(dim).warmUp(2).plan(SPEC)) {
            SpectralVectors vectors = plan.initialize(weight, 1);
            plan.backward(dw, weight, vectors, dweight);
            RealMatrix g = matrix(dw, dim);
            RealMatrix m = matrix(weight, dim);
            double sigma = plan.sigma(weight, vectors);
            double dot = g.multiply(m.transpose()).getTrace();
            RealMatrix actual = matrix(dweight, dim);
            for (int r = 0; r < m.getRowDimension(); r++) {
                for (int c = 0; c < m.getColumnDimension(); c++) {
                    double expected =
                            g.getEntry(r, c) / sigma - dot / (sigma * sigma) * vectors.u()[r] * vectors.v()[c];
                    assertEquals(expected, actual.getEntry(r, c), 1e-13);
                }
            }
        }
    }

    /** Fifteen iterations at the start and one for each of some steps are near enough where values are apart. */
    @Test
    void trainingComesNearer() {
        Tensor weight = Digits.random(SPEC, 0, 1, 8);
        double sigma = new SingularValueDecomposition(matrix(weight, 0)).getNorm();
        try (SpectralNorm.Plan plan = SpectralNorm.create().plan(SPEC)) {
            SpectralVectors vectors = plan.initialize(weight, 2);
            Tensor w = Tensor.allocate(SPEC);
            double before = sigma - plan.sigma(weight, vectors);
            for (int i = 0; i < 100; i++) {
                plan.train(weight, vectors, w);
            }
            double after = sigma - plan.sigma(weight, vectors);
            assertTrue(before > 0 && after < before / 2 && after > -1e-12, before + " " + after);
        }
    }

    @Test
    void theSeedDecides() {
        Tensor weight = Digits.random(SPEC, 0, 1, 8);
        try (SpectralNorm.Plan plan = SpectralNorm.create().warmUp(0).plan(SPEC)) {
            assertArrayEquals(plan.initialize(weight, 2).u(), plan.initialize(weight, 2).u());
            assertTrue(plan.initialize(weight, 2).u()[0] != plan.initialize(weight, 3).u()[0]);
        }
    }

    @Test
    void zerosAndWhatIsNotFiniteLeaveTheVectorsAlone() {
        Tensor weight = Digits.random(SPEC, 0, 1, 8);
        Tensor out = Tensor.allocate(SPEC);
        try (SpectralNorm.Plan plan = SpectralNorm.create().plan(SPEC)) {
            SpectralVectors vectors = plan.initialize(weight, 2);
            double[] u = vectors.u();
            Tensor zeros = Tensor.allocate(SPEC);
            plan.train(zeros, vectors, out);
            assertArrayEquals(u, vectors.u());
            assertTrue(out.get(5) == 0);
            plan.backward(weight, zeros, vectors, out);
            assertTrue(out.get(5) == 0);
            weight.set(3, Double.NaN);
            plan.train(weight, vectors, out);
            assertArrayEquals(u, vectors.u());
            assertTrue(Double.isNaN(out.get(5)));
        }
    }

    @Test
    void aVectorsNormIsItsSpectralNorm() {
        TensorSpec spec = TensorSpec.of(DataType.F64, Layout.ROWS, 4);
        Tensor weight = Tensor.of(spec, new double[] {2, -4, 4, 8});
        try (SpectralNorm.Plan plan = SpectralNorm.create().plan(spec)) {
            assertEquals(10, plan.sigma(weight, plan.initialize(weight, 1)), 1e-14);
        }
    }

    @Test
    void badNumbersAreRefused() {
        SpectralNorm norm = SpectralNorm.create();
        assertThrows(IllegalArgumentException.class, () -> norm.iterations(0));
        assertThrows(IllegalArgumentException.class, () -> norm.warmUp(-1));
        assertThrows(IllegalArgumentException.class, () -> norm.epsilon(-1));
        assertThrows(IllegalArgumentException.class, () -> norm.dim(4).plan(SPEC));
        try (SpectralNorm.Plan plan = norm.plan(SPEC)) {
            SpectralVectors small = new SpectralVectors(new double[3], new double[60]);
            String message =
                    assertThrows(IllegalArgumentException.class, () -> plan.sigma(Tensor.allocate(SPEC), small))
                            .getMessage();
            assertEquals(
                    "vectors are of 3 and 60 elements; they must be of 8 and 60, the rows and columns of the weight",
                    message);
        }
    }
}
