/**
 * What a user imports: the operations. A description such as {@link normkit.LayerNorm} is an immutable value; its
 * {@code plan} method chooses a backend for one tensor spec; the plan is executed any number of times, from any number of
 * threads at once, and allocates nothing per execution.
 *
 * <pre>{@code
 * LayerNorm norm = LayerNorm.over(768).epsilon(1e-5);
 * try (LayerNorm.Plan plan = norm.plan(TensorSpec.rows(128, 768))) {
 *     plan.forward(x, scale, shift, y);
 * }
 * }</pre>
 *
 * <p>Every argument is checked before the first byte is written. Throughout, x̂ = (x − mean)·rstd with rstd = 1/√(variance +
 * ε), y = γ·x̂ + β, γ is {@code scale} and β is {@code shift}.
 */
package normkit;
