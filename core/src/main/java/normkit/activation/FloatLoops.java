package normkit.activation;

/** The loops over f32: one per function, so that the compiler sees what is in it and makes vectors of it. Stateless. */
final class FloatLoops {

    private FloatLoops() {
    }

    static void relu(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.relu(z[i]);
        }
    }

    static void reluSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.reluSlope(z[i]);
        }
    }

    static void leakyRelu(float[] z, int n, double slope) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.leakyRelu(z[i], slope);
        }
    }

    static void leakyReluSlope(float[] z, int n, double slope) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.leakyReluSlope(z[i], slope);
        }
    }

    static void gelu(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.gelu(z[i]);
        }
    }

    static void geluSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.geluSlope(z[i]);
        }
    }

    static void geluTanh(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.geluTanh(z[i]);
        }
    }

    static void geluTanhSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.geluTanhSlope(z[i]);
        }
    }

    static void silu(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.silu(z[i]);
        }
    }

    static void siluSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.siluSlope(z[i]);
        }
    }

    static void sigmoid(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.sigmoid(z[i]);
        }
    }

    static void sigmoidSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.sigmoidSlope(z[i]);
        }
    }

    static void tanh(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.tanh(z[i]);
        }
    }

    static void tanhSlope(float[] z, int n) {
        for (int i = 0; i < n; i++) {
            z[i] = (float) FloatFunctions.tanhSlope(z[i]);
        }
    }
}
