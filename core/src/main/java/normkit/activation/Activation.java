package normkit.activation;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A function f that is applied to every element, and its derivative. The same bits on every machine; f32 is within 0.51 ulp of
 * the exact value, f64 within 1 ulp, over the whole range. NaN gives NaN. Immutable and thread-safe.
 *
 * <p>Sources: GELU is D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415; SiLU is S. Elfwing et al.,
 * arXiv 1702.03118; leaky ReLU is A. L. Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models".
 */
public final class Activation {

    private enum Kind {
        RELU, LEAKY_RELU, GELU, GELU_TANH, SILU, SIGMOID, TANH
    }

    /** max(z, 0); its derivative at 0 is 0. */
    public static final Activation RELU = new Activation(Kind.RELU, 0);
    /** z·Φ(z), Φ being the normal distribution function (1 + erf(z/√2))/2. */
    public static final Activation GELU = new Activation(Kind.GELU, 0);
    /** The approximation of GELU z·(1 + tanh(√(2/π)·(z + 0.044715·z³)))/2. */
    public static final Activation GELU_TANH = new Activation(Kind.GELU_TANH, 0);
    /** z·σ(z), also known as swish. */
    public static final Activation SILU = new Activation(Kind.SILU, 0);
    /** σ(z) = 1/(1 + e<sup>−z</sup>). */
    public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);
    /** tanh(z). */
    public static final Activation TANH = new Activation(Kind.TANH, 0);

    private static final String LEAKY = "leaky_relu";

    private final Kind kind;
    private final double slope;

    private Activation(Kind kind, double slope) {
        this.kind = kind;
        this.slope = slope;
    }

    /**
     * z for z above 0, otherwise slope·z; its derivative at 0 is the slope.
     *
     * @param slope the slope below 0, finite and above 0; 0.01 is PyTorch's default
     * @return the activation
     * @throws IllegalArgumentException if the slope is out of range
     */
    public static Activation leakyRelu(double slope) {
        if (!(slope > 0 && slope < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("slope is " + slope + "; it must be finite and above 0");
        }
        return new Activation(Kind.LEAKY_RELU, slope);
    }

    /**
     * Returns the activation of a name.
     *
     * @param label what {@link #label} returned, or {@code leaky_relu}, whose slope is then 0.01
     * @return the activation
     * @throws IllegalArgumentException if there is none
     */
    public static Activation of(String label) {
        Objects.requireNonNull(label, "label");
        if (label.equals(LEAKY)) {
            return leakyRelu(0.01);
        }
        if (label.startsWith(LEAKY + "(") && label.endsWith(")")) {
            return leakyRelu(Double.parseDouble(label.substring(LEAKY.length() + 1, label.length() - 1)));
        }
        return Stream.of(RELU, GELU, GELU_TANH, SILU, SIGMOID, TANH).filter(a -> a.label().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "activation is " + label + "; it must be one of " + String.join(", ", labels())));
    }

    private static List<String> labels() {
        return Stream.of(Kind.values()).map(kind -> kind.name().toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * Returns the usual name.
     *
     * @return for example {@code gelu_tanh}, or {@code leaky_relu(0.01)}
     */
    public String label() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.LEAKY_RELU ? name + "(" + slope + ")" : name;
    }

    /**
     * Computes f(z) in f64.
     *
     * @param z any number
     * @return f(z)
     */
    public double value(double z) {
        return switch (kind) {
            case RELU -> DoubleFunctions.relu(z);
            case LEAKY_RELU -> DoubleFunctions.leakyRelu(z, slope);
            case GELU -> DoubleFunctions.gelu(z);
            case GELU_TANH -> DoubleFunctions.geluTanh(z);
            case SILU -> DoubleFunctions.silu(z);
            case SIGMOID -> DoubleFunctions.sigmoid(z);
            case TANH -> DoubleFunctions.tanh(z);
        };
    }

    /**
     * Computes f(z) in f32.
     *
     * @param z any number
     * @return f(z)
     */
    public float value(float z) {
        return (float) switch (kind) {
            case RELU -> FloatFunctions.relu(z);
            case LEAKY_RELU -> FloatFunctions.leakyRelu(z, slope);
            case GELU -> FloatFunctions.gelu(z);
            case GELU_TANH -> FloatFunctions.geluTanh(z);
            case SILU -> FloatFunctions.silu(z);
            case SIGMOID -> FloatFunctions.sigmoid(z);
            case TANH -> FloatFunctions.tanh(z);
        };
    }

    /**
     * Computes dy·f′(z) in f64.
     *
     * @param dy gradient of f(z)
     * @param z any number
     * @return the gradient of z
     */
    public double gradient(double dy, double z) {
        return dy * switch (kind) {
            case RELU -> DoubleFunctions.reluSlope(z);
            case LEAKY_RELU -> DoubleFunctions.leakyReluSlope(z, slope);
            case GELU -> DoubleFunctions.geluSlope(z);
            case GELU_TANH -> DoubleFunctions.geluTanhSlope(z);
            case SILU -> DoubleFunctions.siluSlope(z);
            case SIGMOID -> DoubleFunctions.sigmoidSlope(z);
            case TANH -> DoubleFunctions.tanhSlope(z);
        };
    }

    /**
     * Computes dy·f′(z) in f32: the derivative is rounded, and so is the product.
     *
     * @param dy gradient of f(z)
     * @param z any number
     * @return the gradient of z
     */
    public float gradient(float dy, float z) {
        return dy * (float) switch (kind) {
            case RELU -> FloatFunctions.reluSlope(z);
            case LEAKY_RELU -> FloatFunctions.leakyReluSlope(z, slope);
            case GELU -> FloatFunctions.geluSlope(z);
            case GELU_TANH -> FloatFunctions.geluTanhSlope(z);
            case SILU -> FloatFunctions.siluSlope(z);
            case SIGMOID -> FloatFunctions.sigmoidSlope(z);
            case TANH -> FloatFunctions.tanhSlope(z);
        };
    }

    /**
     * Replaces the first n numbers by {@link #value(float)} of them.
     *
     * @param z the numbers
     * @param n how many
     */
    public void apply(float[] z, int n) {
        switch (kind) {
            case RELU -> FloatLoops.relu(z, n);
            case LEAKY_RELU -> FloatLoops.leakyRelu(z, n, slope);
            case GELU -> FloatLoops.gelu(z, n);
            case GELU_TANH -> FloatLoops.geluTanh(z, n);
            case SILU -> FloatLoops.silu(z, n);
            case SIGMOID -> FloatLoops.sigmoid(z, n);
            case TANH -> FloatLoops.tanh(z, n);
        }
    }

    /**
     * Replaces the first n numbers by {@link #value(double)} of them.
     *
     * @param z the numbers
     * @param n how many
     */
    public void apply(double[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = value(z[i]);
        }
    }

    /**
     * Replaces the first n numbers dy by {@link #gradient(float, float)} of them.
     *
     * @param dy gradients of f(z)
     * @param z where f was applied; overwritten
     * @param n how many
     */
    public void gradient(float[] dy, float[] z, int n) {
        switch (kind) {
            case RELU -> FloatLoops.reluSlope(z, n);
            case LEAKY_RELU -> FloatLoops.leakyReluSlope(z, n, slope);
            case GELU -> FloatLoops.geluSlope(z, n);
            case GELU_TANH -> FloatLoops.geluTanhSlope(z, n);
            case SILU -> FloatLoops.siluSlope(z, n);
            case SIGMOID -> FloatLoops.sigmoidSlope(z, n);
            case TANH -> FloatLoops.tanhSlope(z, n);
        }
        // A loop of its own, because with it some of the others would be too long to become vectors.
        for (int i = 0; i < n; i++) {
            dy[i] *= z[i];
        }
    }

    /**
     * Replaces the first n numbers dy by {@link #gradient(double, double)} of them.
     *
     * @param dy gradients of f(z)
     * @param z where f was applied
     * @param n how many
     */
    public void gradient(double[] dy, double[] z, int n) {
        for (int i = 0; i < n; i++) {
            dy[i] = gradient(dy[i], z[i]);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Activation a && a.kind == kind && a.slope == slope;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, slope);
    }

    /** Returns the {@link #label}. */
    @Override
    public String toString() {
        return label();
    }
}
