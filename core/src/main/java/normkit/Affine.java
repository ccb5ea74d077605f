package normkit;

/**
 * Which of γ and β an operation has.
 *
 * @param scale whether there is a γ
 * @param shift whether there is a β
 */
record Affine(boolean scale, boolean shift) {

    static final Affine BOTH = new Affine(true, true);

    Affine withoutScale() {
        return new Affine(false, shift);
    }

    Affine withoutShift() {
        return new Affine(scale, false);
    }
}
