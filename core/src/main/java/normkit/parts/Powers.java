package normkit.parts;

/** Powers that are the same bits on every machine and allocate nothing, which {@link StrictMath#pow} does. */
public final class Powers {

    private Powers() {
    }

    /**
     * Returns x<sup>y</sup> as e<sup>y·ln x</sup>, both functions {@link StrictMath}'s. The relative error is about 2<sup>−53</sup>
     * times 2 + |y·ln x|.
     *
     * @param x at least 0
     * @param y the exponent, not 0 if x is
     * @return the power
     */
    public static double of(double x, double y) {
        return StrictMath.exp(y * StrictMath.log(x));
    }
}
