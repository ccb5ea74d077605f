package normkit.bench.report;

import static j2html.TagCreator.attrs;
import static j2html.TagCreator.b;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.ul;
import static java.util.stream.Collectors.joining;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the subject wins, where it loses, and by how much. */
final class SummarySection {

    private static final int SLOWEST = 3;
    /** What is no other library: portable kernels, and what anybody would write. */
    private static final Set<String> OURS = Set.of("scalar", "loop");
    /** Bounds of the shades that tell how much is won or lost. */
    private static final double[] SHADES = {1.05, 1.5, 3};

    private final Analysis analysis;
    private final List<Analysis.Duel> duels = new ArrayList<>();

    private SummarySection(Analysis analysis) {
        this.analysis = analysis;
        for (String peer : analysis.peers()) {
            duels.add(analysis.duel(peer));
        }
        duels.removeIf(d -> d.pairs().isEmpty());
        // What a user could take instead: other libraries if there are any.
        List<String> peers = duels.stream().map(Analysis.Duel::peer).toList();
        List<String> libraries = peers.stream().filter(p -> !OURS.contains(p)).toList();
        List<String> rivals = libraries.isEmpty() ? peers : libraries;
        if (rivals.size() > 1) {
            duels.addFirst(analysis.duelWithFastest(rivals));
        }
    }

    static Section of(Analysis analysis) {
        return new SummarySection(analysis).section();
    }

    private Section section() {
        Section section = new Section("summary", "Summary");
        long rows = analysis.base().stream().filter(r -> r.backend().equals(Analysis.SUBJECT)).count();
        if (rows == 0) {
            section.missing(
                    "The file has no row of " + Analysis.SUBJECT + " with a time, so there is nothing to sum up.");
        } else if (duels.isEmpty()) {
            section.missing("The file has " + Numbers.count(rows, "row") + " of " + Analysis.SUBJECT
                    + ", and nothing else to compare them with.");
        } else {
            section.add(p(attrs(".lead"), lead(duels.getFirst())))
                    .add(div(attrs(".cards"), each(duels, SummarySection::card)))
                    .add(ul(each(verdicts(duels.getFirst()), v -> li(v)))).add(matrix().tag());
        }
        List<Run.Row> slowest = analysis.slowest(SLOWEST);
        if (!slowest.isEmpty()) {
            section.add(h3("Slowest beside a copy")).add(ol(each(slowest, this::slow)));
        }
        return section;
    }

    private String lead(Analysis.Duel duel) {
        return Analysis.SUBJECT + " against " + name(duel) + ", on " + ShapesSection.threads(analysis) + ": "
                + Numbers.ratio(duel.mean()) + " in geometric mean of " + Numbers.count(duel.pairs().size(), "row")
                + ". It wins " + duel.faster() + ", loses " + duel.slower() + ", and " + duel.even()
                + " are within noise. " + extreme("Best: ", duel.best()) + extreme(" Worst: ", duel.worst())
                + " Above 1× means that " + Analysis.SUBJECT + " is faster.";
    }

    private static String name(Analysis.Duel duel) {
        String names = duel.pairs().stream().map(p -> p.peer().backend()).distinct().sorted().collect(joining(", "));
        return duel.peer().equals(names) ? names : "whichever is fastest of the others (" + names + ")";
    }

    /** Which kinds of problem are won, even and lost in the mean. */
    private static List<String> verdicts(Analysis.Duel duel) {
        Map<String, List<String>> verdicts = new LinkedHashMap<>();
        verdicts.put("win", new ArrayList<>());
        verdicts.put("even", new ArrayList<>());
        verdicts.put("loss", new ArrayList<>());
        Map<Kind, Double> means = new LinkedHashMap<>();
        kinds(List.of(duel)).forEach(kind -> means.put(kind, duel.only(kind::includes).mean()));
        means.entrySet().stream().sorted(Map.Entry.<Kind, Double>comparingByValue().reversed())
                .forEach(e -> verdicts.get(shade(e.getValue()).replaceAll("\\d", ""))
                        .add(e.getKey().text() + " " + Numbers.ratio(e.getValue())));
        Map<String, String> names =
                Map.of("win", "Wins in the mean: ", "even", "Within 5 % in the mean: ", "loss", "Loses in the mean: ");
        return verdicts.entrySet().stream().filter(v -> !v.getValue().isEmpty())
                .map(v -> names.get(v.getKey()) + String.join(", ", v.getValue()) + ".").toList();
    }

    private static String extreme(String name, Analysis.Pair pair) {
        return name + Numbers.ratio(pair.ratio()) + " " + pair.peer().backend() + "'s speed on "
                + pair.subject().problem().text() + ".";
    }

    private static DomContent card(Analysis.Duel duel) {
        return div(attrs(".card"), p(attrs(".against"), "vs " + duel.peer()), p(b(Numbers.ratio(duel.mean()))),
                p(attrs(".counts"), "geometric mean of " + Numbers.count(duel.pairs().size(), "row")),
                div(attrs(".shares"), iff(duel.faster() > 0, share("win", duel.faster())),
                        iff(duel.even() > 0, share("even", duel.even())),
                        iff(duel.slower() > 0, share("loss", duel.slower()))).attr("aria-hidden", "true"),
                p(attrs(".counts"),
                        duel.faster() + " faster, " + duel.slower() + " slower, " + duel.even() + " within noise"),
                p(attrs(".counts"), Numbers.ratio(duel.worst().ratio()) + " to " + Numbers.ratio(duel.best().ratio())));
    }

    private static DomContent share(String css, long rows) {
        return span().withClass(css).withStyle("flex-grow:" + rows);
    }

    /** What the rows of the matrix are. */
    private record Kind(String operation, String pass, String layout) {

        static Kind of(Run.Problem problem) {
            return new Kind(problem.operation(), problem.pass(), problem.layout());
        }

        boolean includes(Run.Problem problem) {
            return of(problem).equals(this);
        }

        String text() {
            return operation + " " + pass + " " + layout;
        }
    }

    private static Set<Kind> kinds(List<Analysis.Duel> duels) {
        Set<Kind> kinds = new LinkedHashSet<>();
        duels.forEach(d -> d.pairs().forEach(p -> kinds.add(Kind.of(p.subject().problem()))));
        return kinds;
    }

    private Table matrix() {
        List<String> headers = new ArrayList<>(List.of("problems"));
        duels.forEach(d -> headers.add(d.peer()));
        Table table = new Table(Analysis.SUBJECT + "'s speed in that of the others: geometric mean (rows it wins of "
                + "all); above 1× " + Analysis.SUBJECT + " is faster", headers);
        for (Kind kind : kinds(duels)) {
            List<Table.Cell> cells = new ArrayList<>(List.of(new Table.Cell(kind.text(), null, "kind")));
            duels.forEach(d -> cells.add(cell(d.only(kind::includes))));
            table.row(cells);
        }
        return table;
    }

    private static Table.Cell cell(Analysis.Duel duel) {
        if (duel.pairs().isEmpty()) {
            return Table.Cell.of("–");
        }
        double mean = duel.mean();
        return new Table.Cell(Numbers.ratio(mean) + " (" + duel.faster() + " of " + duel.pairs().size() + ")", mean,
                "number " + shade(mean));
    }

    /** The class of a ratio: win or loss with its strength, or even. */
    private static String shade(double ratio) {
        int strength = 0;
        while (strength < SHADES.length && Math.max(ratio, 1 / ratio) >= SHADES[strength]) {
            strength++;
        }
        return strength == 0 ? "even" : (ratio > 1 ? "win" : "loss") + strength;
    }

    private DomContent slow(Run.Row row) {
        return li(b(Numbers.ratio(analysis.relative(row))), span(" a copy: " + row.problem().text() + ", "
                + Numbers.time(row.time()) + " beside " + Numbers.time(analysis.copy(row))));
    }
}
