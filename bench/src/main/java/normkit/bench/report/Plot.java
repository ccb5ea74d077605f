package normkit.bench.report;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/**
 * One small drawing with two axes, about as wide as a phone, so that it is read at its own size there and stands
 * beside others on a desk.
 */
final class Plot {

    /** Width of every plot, in units of its text's pixels. */
    static final int WIDTH = 400;

    private static final double RIGHT = 14;
    private static final double TOP = 30;
    private static final double BOTTOM = 40;
    private static final double CHARACTER = 6.9;
    private static final double HEIGHT = 215;
    private static final double ROW = 19;
    private static final int LONGEST_LABEL = 22;

    /** A marked value with the bounds of an error bar, which lies along the axis of values; NaN: no bar. */
    record Point(double x, double y, double low, double high, String title) {

        Point(double x, double y, String title) {
            this(x, y, Double.NaN, Double.NaN, title);
        }
    }

    private final String title;
    private final Axis x;
    private final Axis y;
    private final boolean rows;
    private final String xTitle;
    private final double left;
    private final double height;
    private final List<DomContent> guides = new ArrayList<>();
    private final List<DomContent> lines = new ArrayList<>();
    private final List<DomContent> marks = new ArrayList<>();

    private Plot(String title, Axis x, Axis y, String xTitle, boolean rows) {
        this.title = title;
        this.x = x;
        this.y = y;
        this.xTitle = xTitle;
        this.rows = rows;
        this.left = 12 + CHARACTER * y.ticks().stream().filter(t -> !t.strong())
                .mapToInt(t -> shortened(t.label()).length()).max().orElse(0);
        this.height = rows ? ROW * y.ticks().size() : HEIGHT;
    }

    /** A plot of y over x. */
    static Plot of(String title, Axis x, Axis y, String xTitle) {
        return new Plot(title, x, y, xTitle, false);
    }

    /** A plot with one named row below the other; values and error bars lie along x. */
    static Plot ofRows(String title, Axis x, List<Axis.Tick> rows, String xTitle) {
        return new Plot(title, x, Axis.linear(rows.size() - 0.5, -0.5, rows), xTitle, true);
    }

    /** Names a value of x. */
    Plot vertical(double value, String label) {
        double at = x(value);
        guides.add(line(at, TOP, TOP + height));
        guides.add(Svg.text("guide-label", at + 3, TOP + 10, label));
        return this;
    }

    /** Names a value of y. */
    Plot horizontal(double value, String label) {
        double at = y(value);
        guides.add(Svg.path("guide", "M" + Svg.number(left) + "," + Svg.number(at) + "H" + Svg.number(right())));
        guides.add(Svg.text("guide-label end", right() - 3, at - 4, label));
        return this;
    }

    /** A limit: a line with the space above it shaded. */
    Plot ceiling(List<Point> points) {
        if (!points.isEmpty()) {
            String line = polyline(points);
            guides.add(Svg.path("beyond",
                    line + "V" + Svg.number(TOP) + "H" + Svg.number(x(points.getFirst().x())) + "z"));
            guides.add(Svg.path("ceiling", line));
        }
        return this;
    }

    /** Shows a value of x to some of the rows only. */
    Plot vertical(double value, double firstRow, double lastRow) {
        guides.add(line(x(value), y(firstRow - 0.5), y(lastRow + 0.5)));
        return this;
    }

    private static Svg line(double x, double from, double to) {
        return Svg.path("guide", "M" + Svg.number(x) + "," + Svg.number(from) + "V" + Svg.number(to));
    }

    /** Joins points. */
    Plot line(Look look, List<Point> points) {
        if (points.size() > 1) {
            lines.add(Svg.path("line " + look.css(), polyline(points)));
        }
        return this;
    }

    /** Marks points. */
    Plot marks(Look look, List<Point> points) {
        points.forEach(point -> marks.add(mark(look, point)));
        return this;
    }

    private Svg mark(Look look, Point point) {
        double atX = x(point.x());
        double atY = y(point.y());
        String bar = "";
        if (point.high() > point.low()) {
            bar = rows
                    ? "M" + Svg.number(x(point.low())) + "," + Svg.number(atY) + "H" + Svg.number(x(point.high()))
                    : "M" + Svg.number(atX) + "," + Svg.number(y(point.low())) + "V" + Svg.number(y(point.high()));
        }
        return look.mark(bar, atX, atY).with(Svg.element("title").withText(point.title()));
    }

    private String polyline(List<Point> points) {
        StringBuilder data = new StringBuilder();
        for (Point point : points) {
            data.append(data.isEmpty() ? 'M' : 'L').append(Svg.number(x(point.x()))).append(',')
                    .append(Svg.number(y(point.y())));
        }
        return data.toString();
    }

    private double right() {
        return WIDTH - RIGHT;
    }

    private double x(double value) {
        return left + x.position(value) * (right() - left);
    }

    private double y(double value) {
        return TOP + (1 - y.position(value)) * height;
    }

    /** Height of the drawing, in the same units as its width. */
    double totalHeight() {
        return TOP + height + BOTTOM;
    }

    /** The drawing. */
    Svg svg() {
        return Svg.element("svg").withClass("plot").attr("viewBox", "0 0 " + WIDTH + " " + Svg.number(totalHeight()))
                .attr("role", "img").attr("aria-label", title).with(Svg.text("title", 0, 14, title)).with(axes())
                .with(guides).with(yLabels()).with(lines).with(marks);
    }

    private List<DomContent> axes() {
        List<DomContent> axes = new ArrayList<>();
        double bottom = TOP + height;
        double free = Double.NEGATIVE_INFINITY;
        for (Axis.Tick tick : x.ticks()) {
            double at = x(tick.value());
            axes.add(Svg.path("grid", "M" + Svg.number(at) + "," + Svg.number(TOP) + "V" + Svg.number(bottom)));
            double half = tick.label().length() * CHARACTER / 2;
            if (at - half > free) {
                axes.add(Svg.text("tick middle", Math.min(at, WIDTH - half), bottom + 15, tick.label()));
                free = at + half + CHARACTER;
            }
        }
        y.ticks().stream().filter(tick -> !tick.strong()).map(tick -> Svg.number(y(tick.value()))).forEach(
                at -> axes.add(Svg.path("grid", "M" + Svg.number(left) + "," + at + "H" + Svg.number(right()))));
        axes.add(Svg.text("axis middle", (left + right()) / 2, bottom + 32, xTitle));
        return axes;
    }

    /** Above the guides, as strong ones reach beyond the axis. */
    private List<Svg> yLabels() {
        return y.ticks().stream().map(tick -> yLabel(tick, y(tick.value()))).toList();
    }

    private Svg yLabel(Axis.Tick tick, double at) {
        Svg label = tick.strong()
                ? Svg.text("tick strong", 0, at + 4, tick.label())
                : Svg.text("tick end", left - 7, at + 4, shortened(tick.label()));
        return label.condWith(!shortened(tick.label()).equals(tick.label()),
                Svg.element("title").withText(tick.label()));
    }

    private static String shortened(String label) {
        return label.length() <= LONGEST_LABEL ? label : label.substring(0, LONGEST_LABEL - 1) + "…";
    }
}
