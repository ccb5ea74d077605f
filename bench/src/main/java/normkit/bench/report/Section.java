package normkit.bench.report;

import static j2html.TagCreator.attrs;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** A part of the page: plots with words, then tables; or a sentence that tells why there is none. */
final class Section {

    private final String id;
    private final String heading;
    private final List<DomContent> parts = new ArrayList<>();

    Section(String id, String heading) {
        this.id = id;
        this.heading = heading;
    }

    String id() {
        return id;
    }

    String heading() {
        return heading;
    }

    /** Says why there is nothing to show. */
    Section missing(String why) {
        parts.add(p(attrs(".missing"), why));
        return this;
    }

    /** Adds plots, and what they show in words. */
    Section figure(List<String> words, List<Plot> plots) {
        parts.add(j2html.TagCreator.figure(figcaption(each(words, w -> p(w))),
                div(attrs(".plots"), each(plots, Plot::svg))));
        return this;
    }

    Section add(DomContent part) {
        parts.add(part);
        return this;
    }

    /** Adds a table that is closed at first; none if it has no rows. */
    Section folded(String title, Table table) {
        if (table.size() > 0) {
            parts.add(details(summary(title), table.tag()));
        }
        return this;
    }

    DomContent tag() {
        return section(h2(heading), each(parts, part -> part)).withId(id);
    }
}
