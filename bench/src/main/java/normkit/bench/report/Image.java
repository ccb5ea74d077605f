package normkit.bench.report;

import static j2html.TagCreator.rawHtml;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** Plots as one drawing that stands alone, two beside each other, with what they show and where they come from. */
final class Image {

    private static final int COLUMNS = 2;
    private static final double MARGIN = 16;
    private static final double GAP = 24;
    private static final double LINE = 20;
    private static final double KEY = 110;
    private static final double MIDDLE_OF_SWATCH = 7;
    private static final double WIDTH = 2 * MARGIN + COLUMNS * Plot.WIDTH + GAP;

    private final List<DomContent> parts = new ArrayList<>();
    private double below = MARGIN;

    private Image() {
    }

    /**
     * Draws.
     *
     * @param title what the plots show
     * @param backends those in the legend
     * @param plots at least one
     * @return a file's content
     */
    static String of(Analysis analysis, String title, List<String> backends, List<Plot> plots) {
        Image image = new Image();
        image.text("title", title);
        image.legend(analysis, backends);
        image.plots(plots);
        image.text("axis", analysis.run().facts().get("CPU"));
        image.text("axis", analysis.run().facts().get("JVM"));
        image.text("axis", String.join(" · ", analysis.run().facts().getOrDefault("Versions", "versions unknown"),
                "commit " + analysis.run().commit(), analysis.run().created()));
        return image.svg(title);
    }

    private void text(String css, String text) {
        parts.add(Svg.text(css, MARGIN, below + LINE / 2, text));
        below += LINE;
    }

    private void legend(Analysis analysis, List<String> backends) {
        for (int i = 0; i < backends.size(); i++) {
            double left = MARGIN + i * Math.min(KEY, (WIDTH - MARGIN) / backends.size());
            parts.add(analysis.look(backends.get(i)).mark(left + MIDDLE_OF_SWATCH, below + MIDDLE_OF_SWATCH));
            parts.add(Svg.text("", left + 2 * MIDDLE_OF_SWATCH + 2, below + LINE / 2 + 1, backends.get(i)));
        }
        below += LINE + MARGIN;
    }

    private void plots(List<Plot> plots) {
        for (int i = 0; i < plots.size(); i += COLUMNS) {
            double highest = 0;
            for (int column = 0; column < Math.min(COLUMNS, plots.size() - i); column++) {
                Plot plot = plots.get(i + column);
                parts.add(plot.svg().at("x", MARGIN + column * (Plot.WIDTH + GAP)).at("y", below)
                        .at("width", Plot.WIDTH).at("height", plot.totalHeight()));
                highest = Math.max(highest, plot.totalHeight());
            }
            below += highest + MARGIN;
        }
    }

    private String svg(String title) {
        String size = Svg.number(WIDTH) + " " + Svg.number(below + MARGIN);
        return Svg.element("svg").attr("xmlns", "http://www.w3.org/2000/svg").attr("viewBox", "0 0 " + size)
                .at("width", WIDTH).at("height", below + MARGIN).attr("role", "img").attr("aria-label", title)
                .with(Svg.element("style").with(rawHtml(Resource.text("plot.css"))),
                        Svg.element("rect").withClass("ground").attr("width", "100%").attr("height", "100%"))
                .with(parts).render();
    }
}
