package normkit.bench.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.attrs;
import static j2html.TagCreator.body;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.document;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.span;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The whole page. */
final class Page {

    private final Analysis analysis;
    private final Run run;
    private final List<Section> sections;

    private Page(Analysis analysis) {
        this.analysis = analysis;
        this.run = analysis.run();
        this.sections = List.of(SummarySection.of(analysis), ShapesSection.of(analysis), RooflineSection.of(analysis),
                SweepSection.of(analysis), ScalingSection.of(analysis), RegretSection.of(analysis),
                AccuracySection.of(analysis), AllocationSection.of(analysis), LimitsSection.of(run),
                TablesSection.of(analysis));
    }

    /** The page as text. */
    static String of(Analysis analysis) {
        return new Page(analysis).text();
    }

    private String text() {
        return document(html(
                head(meta().withCharset("utf-8"),
                        meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                        meta().withName("color-scheme").withContent("light dark"),
                        title("Normkit on " + run.facts().get("CPU")),
                        style(rawHtml(Resource.text("plot.css") + Resource.text("report.css") + switches()))),
                body(top(), legend(), main(each(sections, Section::tag)), p().withId("status").attr("role", "status"),
                        script(rawHtml(Resource.text("report.js")))))
                .withLang("en"));
    }

    private DomContent top() {
        return header(h1("Normkit, measured"),
                p(attrs(run.complete() ? ".state" : ".state.interrupted"),
                        run.complete()
                                ? "A complete run."
                                : "This run was interrupted: the page shows what had been measured until then."),
                iff(!run.leftOut().isEmpty(),
                        p(attrs(".state"), "There was no time for " + String.join(", ", run.leftOut()) + ".")),
                dl(each(facts(), fact -> div(dt(fact.getKey()), dd(fact.getValue())))),
                nav(each(sections, s -> a(s.heading()).withHref("#" + s.id()))).attr("aria-label", "Sections"));
    }

    private List<Map.Entry<String, String>> facts() {
        List<Map.Entry<String, String>> facts =
                new ArrayList<>(List.of(Map.entry("Date", run.created()), Map.entry("Commit", run.commit())));
        facts.addAll(run.facts().entrySet());
        String caches = run.caches().stream().map(c -> "L" + c.level() + " " + Numbers.bytes(c.bytes()))
                .collect(Collectors.joining(", "));
        if (!caches.isEmpty()) {
            facts.add(Map.entry("Caches", caches));
        }
        return facts;
    }

    /** Every backend with its marker, and a switch that hides it in the plots. */
    private DomContent legend() {
        List<String> shown = new ArrayList<>(analysis.backends());
        boolean copies = run.sweeps().stream().anyMatch(s -> s.backend().equals(Run.COPY));
        if (copies) {
            shown.add(Run.COPY);
        }
        return div(attrs(".legend"), each(shown, (number, backend) -> key(backend, "show" + number)))
                .attr("role", "group").attr("aria-label", "Backends shown in the plots");
    }

    private DomContent key(String backend, String id) {
        return label(input().withType("checkbox").withId(id).isChecked(), Svg.element("svg").withClass("swatch")
                .attr("viewBox", "-7 -7 14 14").attr("aria-hidden", "true").with(analysis.look(backend).mark(0, 0)),
                span(backend));
    }

    /** One rule for each switch of the legend; classes and ids are ours, not the file's. */
    private String switches() {
        StringBuilder rules = new StringBuilder();
        List<String> shown = new ArrayList<>(analysis.backends());
        shown.add(Run.COPY);
        for (int i = 0; i < shown.size(); i++) {
            rules.append("body:has(#show").append(i).append(":not(:checked)) .plot .")
                    .append(analysis.look(shown.get(i)).css()).append("{display:none}\n");
        }
        return rules.toString();
    }
}
