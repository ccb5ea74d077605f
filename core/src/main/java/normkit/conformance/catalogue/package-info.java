/**
 * The techniques beyond the five operations as a conformance suite: {@link normkit.conformance.catalogue.Catalogue} runs
 * {@link normkit.conformance.catalogue.TechniqueCase}s, each reproducible from its name alone.
 *
 * <p>A case's data are made and laid out by {@code Desk}; an {@code Exercise} per technique lets it work on them and writes the
 * paper's formula down, once, forward, element by element; {@code Formula} computes it in arithmetic of twice the precision of
 * double, and its gradients by the chain rule. {@code Differences} compares the technique's gradients with central differences
 * of the formula. Formulas share no code with the techniques.
 */
package normkit.conformance.catalogue;
