/**
 * Turns a result of {@code bench} into one page to read and two plots to show. {@link normkit.bench.report.HtmlReport}
 * is the way in; the parts are the file ({@code Run}, {@code RunReader}), what follows from it ({@code Analysis}), how
 * things are drawn ({@code Axis}, {@code Plot}, {@code Look}) and the page's sections.
 */
package normkit.bench.report;
