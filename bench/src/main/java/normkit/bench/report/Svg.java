package normkit.bench.report;

import j2html.tags.ContainerTag;
import java.util.Locale;

/** An element of a drawing. Texts and attributes are escaped. */
final class Svg extends ContainerTag<Svg> {

    private Svg(String name) {
        super(name);
    }

    static Svg element(String name) {
        return new Svg(name);
    }

    static Svg path(String css, String data) {
        return new Svg("path").withClass(css).attr("d", data);
    }

    static Svg text(String css, double x, double y, String text) {
        return new Svg("text").withClass(css).at("x", x).at("y", y).withText(text);
    }

    /** An attribute that is a length. */
    Svg at(String name, double value) {
        return attr(name, number(value));
    }

    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
