package normkit.bench.report;

import static j2html.TagCreator.attrs;
import static j2html.TagCreator.caption;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.List;

/** A table whose headers sort it, in a box of its own that scrolls when it is wider than the page. */
final class Table {

    /** What one cell shows; a number sorts by its value, of which seven digits are enough. */
    record Cell(String text, Double value, String css) {

        static Cell of(String text) {
            return new Cell(text, null, "");
        }

        static Cell of(String text, double value) {
            return new Cell(text, value, "number");
        }

        private TdTag tag() {
            TdTag tag = td(text).condAttr(!css.isEmpty(), "class", css);
            return value == null ? tag : tag.withData("value", String.valueOf(value.floatValue()));
        }
    }

    private final String title;
    private final List<String> headers;
    private final List<DomContent> rows = new ArrayList<>();

    Table(String title, List<String> headers) {
        this.title = title;
        this.headers = List.copyOf(headers);
    }

    Table row(Cell... cells) {
        return row(List.of(cells));
    }

    Table row(List<Cell> cells) {
        rows.add(tr(each(cells, Cell::tag)));
        return this;
    }

    int size() {
        return rows.size();
    }

    DomContent tag() {
        return div(attrs(".scroll"), table(caption(title), thead(tr(each(headers, h -> th(h).attr("scope", "col")))),
                tbody(each(rows, r -> r)))).withTabindex(0).attr("role", "region").attr("aria-label", title);
    }
}
