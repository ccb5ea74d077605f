/**
 * Scaling of the columns of tables, such as features before training, where a table may be larger than memory: an accumulator is
 * fed the table part by part, by several threads or machines if wanted, and what it has seen makes a transform that is applied
 * part by part.
 *
 * <pre>{@code
 * ColumnMoments moments = ColumnMoments.over(20);
 * for (Tensor part : parts) {
 *     moments.add(part);                                     // any number of rows of 20 columns
 * }
 * Standardization.Fitted fitted = Standardization.create().fit(moments);
 * fitted.transform(part, scaled);
 * fitted.inverse(scaled, part);
 * }</pre>
 *
 * <p>A part is a tensor of layout rows whose last axis counts columns. Everything is computed in double and rounded once.
 */
package normkit.tables;
