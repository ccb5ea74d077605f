package normkit.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page says what the file says, whatever the file says. */
class HtmlReportTest {

    private static final List<String> SECTIONS = List.of("summary", "shapes", "roofline", "sweep", "scaling", "regret",
            "accuracy", "allocation", "limits", "tables");
    /** Where a marker is drawn: after its error bar, the only move by a comma pair that a relative move follows. */
    private static final Pattern PLACE = Pattern.compile("M([\\d.]+),([\\d.]+)m");

    @TempDir
    private Path directory;

    private Document page(MadeUpRun run) throws IOException {
        Path json = run.write(directory.resolve("run.json"));
        return Jsoup.parse(Files.readString(HtmlReport.write(json, directory)));
    }

    private static List<Element> marks(Element plot, String titlePart) {
        return plot.select(".mark").stream().filter(m -> m.select("title").text().contains(titlePart)).toList();
    }

    private static double place(Element mark, int axis) {
        Matcher matcher = PLACE.matcher(mark.attr("d"));
        assertTrue(matcher.find(), mark.attr("d"));
        return Double.parseDouble(matcher.group(axis));
    }

    private static Element plot(Document page, String section, String title) {
        return page.select("#" + section + " svg.plot").stream().filter(p -> p.attr("aria-label").contains(title))
                .findFirst().orElseThrow(() -> new AssertionError("no plot " + title));
    }

    private static void assertComplete(Document page) {
        for (String id : SECTIONS) {
            Element section = page.getElementById(id);
            assertNotEquals(null, section, id);
            assertFalse(section.select("h2").text().isBlank(), id);
            boolean shows = !section.select("svg.plot, table, .cards").isEmpty();
            boolean explains = section.select(".missing").stream().anyMatch(p -> p.text().endsWith("."));
            assertTrue(shows ^ explains || id.equals("summary") && (shows || explains),
                    id + " must either show something or say why not");
        }
        for (Element figure : page.select("figure")) {
            assertTrue(figure.select("figcaption").text().length() > 50, "a caption must tell what is shown");
            assertFalse(figure.select("svg.plot").isEmpty());
        }
        assertFalse(page.html().contains("NaN,") || page.html().matches("(?s).*d=\"[^\"]*(NaN|Infinity).*"),
                "a drawing has a place that is no number");
    }

    /** Nothing that a browser would fetch, run or submit but the page's own style and script. */
    private static void assertHarmless(Document page) {
        assertEquals(1, page.select("script").size());
        assertEquals(1, page.select("style").size());
        assertTrue(page.select("img, link, iframe, object, embed, form, base, image, use, video, audio, source")
                .isEmpty());
        assertTrue(page.select("meta[http-equiv]").isEmpty());
        for (Element element : page.getAllElements()) {
            for (Attribute attribute : element.attributes()) {
                String key = attribute.getKey();
                boolean harmless =
                        !key.startsWith("on") && !List.of("src", "srcset", "action", "xlink:href").contains(key)
                                && (!key.equals("href") || attribute.getValue().startsWith("#"));
                // jsoup can name an element's place, but searches the whole page for each part of it.
                assertTrue(harmless, () -> element.tagName() + " has " + attribute);
            }
        }
        String own = page.select("style").first().data() + page.select("script").first().data();
        assertFalse(own.matches("(?s).*(https?:|//[a-z]|url\\(|@import|fetch\\(|XMLHttp|import\\().*"), own);
    }

    @Test
    void showsEverySection() throws IOException {
        Document page = page(MadeUpRun.full());
        assertComplete(page);
        assertHarmless(page);
        assertTrue(page.select(".missing").isEmpty(), page.select(".missing").text());
        assertFalse(page.html().contains("http://") || page.html().contains("https://"));
        String header = page.select("header").text();
        for (String fact : List.of("Made-up CPU 9000 (test data), processors: 2", "avx512bw", "Linux 6.1",
                "Test VM 25.0.3", "--add-modules jdk.incubator.vector", "onednn 3.11", "libtorch 2.10", "0123abc",
                "2026-01-31T12:00:00Z", "L1 48 KB, L2 1 MB, L3 32 MB", "A complete run.")) {
            assertTrue(header.contains(fact), fact + " is not in " + header);
        }
    }

    @Test
    void drawsABackendTheSameEverywhere() throws IOException {
        Document page = page(MadeUpRun.full());
        Map<String, Set<String>> looks = new HashMap<>();
        for (Element mark : page.select(".plot .mark")) {
            String title = mark.select("title").text();
            Matcher name = Pattern.compile("^([a-z]+),|: ([a-z]+) chosen").matcher(title);
            assertTrue(name.find(), title);
            String shape = mark.attr("d").replaceAll("^.*M[\\d.]+,[\\d.]+m", "");
            looks.computeIfAbsent(name.group(1) == null ? name.group(2) : name.group(1), n -> new HashSet<>())
                    .add(mark.className() + " " + shape);
        }
        assertEquals(Set.of("simd", "scalar", "onednn", "libtorch", "onnxruntime", "loop", "copy"), looks.keySet());
        looks.forEach((name, look) -> assertEquals(1, look.size(), name + " " + look));
        assertEquals(looks.size(), looks.values().stream().flatMap(Set::stream)
                .map(look -> look.replaceAll("^.*(b\\d).*$", "$1")).distinct().count());
        assertEquals(looks.size(), looks.values().stream().flatMap(Set::stream)
                .map(look -> look.replaceAll("^.*b\\d ", "")).distinct().count());
    }

    /** Four rows whose ratios are plain: four times as fast, half as fast, a little faster within noise, and alone. */
    private static MadeUpRun fourRows() {
        MadeUpRun run = new MadeUpRun();
        run.row("layer_norm", "forward", "rows", "256x1024", "copy", 1, 50, 1);
        run.row("layer_norm", "forward", "rows", "256x1024", "simd", 1, 100, 1);
        run.row("layer_norm", "forward", "rows", "256x1024", "onednn", 1, 400, 4);
        run.row("layer_norm", "backward", "rows", "256x1024", "simd", 1, 200, 1);
        run.row("layer_norm", "backward", "rows", "256x1024", "onednn", 1, 100, 1);
        run.row("rms_norm", "forward", "rows", "256x1024", "simd", 1, 100, 10);
        run.row("rms_norm", "forward", "rows", "256x1024", "onednn", 1, 105, 10);
        run.row("rms_norm", "backward", "rows", "128x64", "simd", 1, 7, 1);
        return run;
    }

    @Test
    void sumsUpWhatIsWonAndLost() throws IOException {
        Document page = page(fourRows());
        Element card = page.select(".card").first();
        assertEquals(1, page.select(".card").size());
        // (400/100 · 100/200 · 105/100)^(1/3)
        assertEquals("vs onednn 1.28× geometric mean of 3 rows 1 faster, 1 slower, 1 within noise 0.50× to 4.00×",
                card.text());
        String summary = page.getElementById("summary").text();
        for (String part : List.of("simd against onednn, on 1 thread: 1.28× in geometric mean of 3 rows.",
                "It wins 1, loses 1, and 1 are within noise.",
                "Best: 4.00× onednn's speed on layer_norm forward rows 256x1024.",
                "Worst: 0.50× onednn's speed on layer_norm backward rows 256x1024.",
                "Wins in the mean: layer_norm forward rows 4.00×, rms_norm forward rows 1.05×.",
                "Loses in the mean: layer_norm backward rows 0.50×.")) {
            assertTrue(summary.contains(part), part + " is not in " + summary);
        }
        // Copies of 1 MiB were measured once; of 128x64, never.
        assertEquals(
                List.of("4.00× a copy: layer_norm backward rows 256x1024, 200 µs beside 50.0 µs",
                        "2.00× a copy: layer_norm forward rows 256x1024, 100 µs beside 50.0 µs",
                        "2.00× a copy: rms_norm forward rows 256x1024, 100 µs beside 50.0 µs"),
                page.select("#summary ol li").eachText());
    }

    @Test
    void comparesWithTheFastestOfSeveralLibraries() throws IOException {
        MadeUpRun run = fourRows();
        run.row("layer_norm", "forward", "rows", "256x1024", "libtorch", 1, 200, 1);
        run.row("layer_norm", "backward", "rows", "256x1024", "libtorch", 1, 900, 1);
        run.row("layer_norm", "forward", "rows", "256x1024", "loop", 1, 150, 1);
        Document page = page(run);
        // (200/100 · 100/200 · 105/100)^(1/3): the loop is no library.
        assertTrue(
                page.select(".card").first().text().startsWith("vs the fastest other 1.02× geometric mean of 3 rows"),
                page.select(".card").first().text());
        assertEquals(4, page.select(".card").size());
        assertTrue(page.getElementById("summary").text().contains("of the others (libtorch, onednn)"));
    }

    @Test
    void placesTimesOnALogarithmicScaleOfCopies() throws IOException {
        Document page = page(fourRows());
        Element plot = plot(page, "shapes", "layer_norm · forward");
        Element simd = marks(plot, "simd").getFirst();
        Element onednn = marks(plot, "onednn").getFirst();
        assertEquals("simd, layer_norm forward rows 256x1024: 100 µs ± 1.00 µs, 2.00× a copy",
                simd.select("title").text());
        double one = Double.parseDouble(plot.select(".guide").attr("d").replaceAll("^M([\\d.]+),.*", "$1"));
        // 2 and 8 copies: three times as far from 1.
        assertEquals(3, (place(onednn, 1) - one) / (place(simd, 1) - one), 0.01);
        // 396 to 404 µs
        Matcher bar = Pattern.compile("^M([\\d.]+),[\\d.]+H([\\d.]+)").matcher(onednn.attr("d"));
        assertTrue(bar.find(), onednn.attr("d"));
        double perOctave = place(simd, 1) - one;
        assertEquals(perOctave * Math.log(404.0 / 396) / Math.log(2),
                Double.parseDouble(bar.group(2)) - Double.parseDouble(bar.group(1)), 0.11);
    }

    @Test
    void relatesRowsToTheFastestCopyAtTheirSize() throws IOException {
        MadeUpRun run = fourRows();
        run.bandwidth("copy", 1 << 20, 10e9);
        run.bandwidth("copy", 1 << 22, 40e9);
        run.bandwidth("streaming-copy", 1 << 20, 5e9);
        run.bandwidth("read", 1 << 20, 900e9);
        run.fma("f32", 512, 200e9);
        Document page = page(run);
        // Halfway between the two sizes, 20 GB/s; 2 MiB in 100 µs are 20.97 GB/s. The gradient's 3 MiB: 30 GB/s, 200 µs.
        List<String> fractions = new ArrayList<>();
        for (Element row : page.select("#tables details").first().select("tbody tr")) {
            fractions.add(row.child(5).text() + " " + row.child(1).text() + " " + row.child(11).text());
        }
        assertTrue(fractions.contains("simd forward 105 %"), fractions.toString());
        assertTrue(fractions.contains("onednn forward 26 %"), fractions.toString());
        assertTrue(fractions.contains("simd backward 52 %"), fractions.toString());
        assertTrue(fractions.contains("copy forward –"), fractions.toString());
        String words = page.select("#roofline figcaption").text();
        assertTrue(words.contains("200 Gflop/s") && words.contains("5.00 operations per byte"), words);
    }

    @Test
    void tellsWhatThreadsGive() throws IOException {
        MadeUpRun run = fourRows();
        run.row("layer_norm", "forward", "rows", "256x1024", "simd", 2, 125, 1);
        run.row("rms_norm", "forward", "rows", "256x1024", "simd", 2, 200, 1);
        params(run.row("layer_norm", "backward", "rows", "256x1024", "simd", 1, 120, 1)).put("degree", "4");
        Document page = page(run);
        // 2·100/125 and 2·100/200
        assertEquals("simd, 2 threads: 1.26× (1.00× to 1.60×)",
                plot(page, "scaling", "several callers").select(".mark title").text());
        assertEquals("simd, 4 threads: 1.67× (1.67× to 1.67×)",
                plot(page, "scaling", "one call split").select(".mark title").text());
        assertTrue(page.getElementById("summary").text().contains("on 1 thread: 1.28×"));
    }

    @Test
    void sortsRegretAndListsWhatIsAboveFivePercent() throws IOException {
        MadeUpRun run = new MadeUpRun();
        run.regret("layer_norm", "forward", "rows", "1x8", "estimate", "simd", "onednn", 1.3);
        run.regret("layer_norm", "forward", "rows", "2x8", "estimate", "onednn", "onednn", 1.0);
        run.regret("layer_norm", "forward", "rows", "3x8", "estimate", "simd", "onednn", 1.05);
        run.regret("layer_norm", "forward", "rows", "4x8", "estimate", "simd", "onednn", 1.051);
        run.regret("layer_norm", "forward", "rows", "4x8", "measure", "simd", "simd", 1.0);
        run.regret("layer_norm", "forward", "rows", "4x8", "estimate", "simd", "simd", 1.2);
        run.regret.getLast().put("threads", 2);
        Document page = page(run);
        Element section = page.getElementById("regret");
        assertEquals(
                List.of("layer_norm forward rows 1x8 1", "layer_norm forward rows 4x8 2",
                        "layer_norm forward rows 4x8 1"),
                section.select("tbody tr").stream().map(r -> r.child(0).text() + " " + r.child(1).text()).toList());
        assertTrue(section.text().contains("By estimate, 2 threads: 0 of 1 choice are within 5 % (0 %)"),
                section.text());
        assertEquals(1, plot(page, "regret", "by estimate, 2 threads").select(".mark").size());
        assertTrue(
                section.text()
                        .contains("By estimate, 1 thread: 2 of 4 choices are within 5 % (50 %); the worst is 1.30×"),
                section.text());
        assertTrue(section.text().contains("By measure, 1 thread: 1 of 1 choice are within 5 % (100 %)"),
                section.text());
        List<Element> marks = plot(page, "regret", "by estimate, 1 thread").select(".mark");
        assertEquals(List.of("2x8", "3x8", "4x8", "1x8"),
                marks.stream().map(m -> m.select("title").text().replaceAll(".*rows (\\S+):.*", "$1")).toList());
        for (int i = 1; i < marks.size(); i++) {
            assertTrue(place(marks.get(i), 1) > place(marks.get(i - 1), 1));
            assertTrue(place(marks.get(i), 2) < place(marks.get(i - 1), 2));
        }
    }

    @Test
    void givesZeroAndWhatIsNotFinitePlacesOfTheirOwn() throws IOException {
        MadeUpRun run = new MadeUpRun();
        run.accuracy("layer_norm", "simd", 0, 0.0);
        run.accuracy("layer_norm", "simd", 1, 1e-7);
        run.accuracy("layer_norm", "simd", 1e4, 2e-7);
        run.accuracy("layer_norm", "onednn", 0, 1e-6);
        run.accuracy("layer_norm", "onednn", 1, 1e-5);
        run.accuracy("layer_norm", "onednn", 1e4, "NaN");
        Document page = page(run);
        assertComplete(page);
        Element plot = plot(page, "accuracy", "layer_norm");
        List<Element> simd = marks(plot, "simd");
        List<Element> onednn = marks(plot, "onednn");
        assertEquals("onednn, layer_norm at offset 10000: error not a number", onednn.get(2).select("title").text());
        assertTrue(place(simd.get(0), 2) > place(simd.get(1), 2) + 5, "zero is below everything");
        assertTrue(place(onednn.get(2), 2) < place(onednn.get(1), 2) - 5, "NaN is above everything");
        assertTrue(place(simd.get(0), 1) < place(simd.get(1), 1) - 5, "offset 0 is left of everything");
        // Two decades of errors are twice one.
        assertEquals(2,
                (place(simd.get(1), 2) - place(onednn.get(1), 2)) / (place(onednn.get(0), 2) - place(onednn.get(1), 2)),
                0.02);
        String words = page.select("#accuracy figcaption").text();
        assertTrue(words.contains("Largest errors at offset 10000: simd 2e-7, onednn not a number."), words);
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        Document page = page(new MadeUpRun());
        assertComplete(page);
        assertHarmless(page);
        assertEquals(SECTIONS.size(), page.select(".missing").size());
        assertTrue(page.select("svg.plot").isEmpty());
    }

    @Test
    void standsAFileThatHasOnlyItsKind() throws IOException {
        Path json = Files.writeString(directory.resolve("bare.json"),
                "{\"format\": \"normkit-bench\", \"version\": 1, \"complete\": false}");
        Document page = Jsoup.parse(Files.readString(HtmlReport.write(json, directory)));
        assertComplete(page);
        assertTrue(page.select("header").text().contains("This run was interrupted"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"benchmarks", "accuracy", "regret", "limits", "machine"})
    void leavesOutAPartThatIsNotThere(String part) throws IOException {
        MadeUpRun run = MadeUpRun.full();
        run.file.remove(part);
        assertComplete(page(run));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simd", "onednn", "copy"})
    void standsOneRow(String backend) throws IOException {
        MadeUpRun run = new MadeUpRun();
        run.row("layer_norm", "forward", "rows", "1x1", backend, 1, 1, 0);
        run.sweep("layer_norm", backend, 1024, 1);
        run.bandwidth("copy", 1024, 1e9);
        run.accuracy("layer_norm", "simd", 0, 0.0);
        run.regret("layer_norm", "forward", "rows", "1x1", "measure", "simd", "simd", 1.0);
        Document page = page(run);
        assertComplete(page);
        assertFalse(page.select("#sweep svg.plot .mark").isEmpty());
    }

    @Test
    void leavesRowsWithoutATimeOutOfPlotsAndMeans() throws IOException {
        MadeUpRun run = fourRows();
        List<Consumer<Map<String, Object>>> damages =
                List.of(row -> row.remove("primaryMetric"), row -> metric(row).put("score", "NaN"),
                        row -> metric(row).put("score", null), row -> metric(row).put("score", 0),
                        row -> metric(row).remove("score"), row -> metric(row).put("score", "Infinity"));
        for (int i = 0; i < damages.size(); i++) {
            damages.get(i).accept(run.row("layer_norm", "forward", "rows", 10 + i + "x16", "simd", 1, 1, 1));
            run.row("layer_norm", "forward", "rows", 10 + i + "x16", "onednn", 1, 1, 1);
            run.row("layer_norm", "forward", "rows", 10 + i + "x16", "copy", 1, 1, 1);
        }
        Document page = page(run);
        assertComplete(page);
        assertTrue(page.select(".card").first().text().contains("1.28× geometric mean of 3 rows"));
        assertTrue(page.getElementById("tables").text().contains("6 rows without a time"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> metric(Map<String, Object> row) {
        return (Map<String, Object>) row.get("primaryMetric");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> params(Map<String, Object> row) {
        return (Map<String, Object>) row.get("params");
    }

    @Test
    void drawsNoBarWhereTheErrorIsUnknown() throws IOException {
        MadeUpRun run = fourRows();
        run.benchmarks.forEach(row -> metric(row).put("scoreError", "NaN"));
        Document page = page(run);
        assertComplete(page);
        assertTrue(page.select("#shapes .mark").stream().noneMatch(m -> m.attr("d").contains("H")));
        // Without intervals every difference counts.
        assertTrue(page.select(".card").first().text().contains("2 faster, 1 slower, 0 within noise"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='alert(1)",
        "</title></style></script><b>", "&lt;i&gt;", "https://example.org/x.js", "nul\u0000 and half\uD800", "${jndi}"})
    void escapesEveryName(String name) throws IOException {
        MadeUpRun run = MadeUpRun.full();
        run.file.put("commit", name);
        run.file.put("created", name);
        run.machine.putAll(Map.of("cpu", name, "features", name, "os", name, "jvm", name, "flags", List.of(name),
                "versions", Map.of(name, name)));
        params(run.row(name, name, name, "4x8", name, 1, 5, 1)).put("groups", name);
        run.row(name, name, name, "4x8", "copy", 1, 5, 1);
        run.row(name, name, name, "4x8", "simd", 1, 5, 1);
        run.row(name, name, name, "4x8", name, 2, 5, 1);
        run.sweep(name, name, 1024, 1);
        run.bandwidth(name, 1024, 1e9);
        run.fma(name, 128, 1e9);
        run.accuracy(name, name, 1, 1e-3);
        run.regret(name, name, name, "4x8", name, name, name, 1.5);
        Document page = page(run);
        assertComplete(page);
        assertHarmless(page);
        String shown = name.replaceAll("[\u0000\uD800]", "\uFFFD");
        assertTrue(page.select("header dd").eachText().contains(shown), page.select("header dd").text());
        assertTrue(page.select("#tables td").eachText().contains(shown));
        assertTrue(page.select(".legend label span").eachText().contains(shown));
    }

    @Test
    void staysReadableWithManyRowsAndBackends() throws IOException {
        MadeUpRun run = new MadeUpRun();
        List<String> backends = List.of("copy", "simd", "scalar", "onednn", "libtorch", "onnxruntime", "loop", "x1",
                "x2", "x3", "x4", "x5");
        for (int i = 0; i < 200; i++) {
            for (String backend : backends) {
                run.row(i % 2 == 0 ? "layer_norm" : "rms_norm", "forward", "rows", i + 1 + "x4096", backend, 1,
                        i + backend.length(), 0.1);
            }
        }
        Document page = page(run);
        assertComplete(page);
        assertEquals(200 * (backends.size() - 1), page.select("#shapes .mark").size());
        assertEquals(200 * backends.size(), page.select("#tables tbody tr").size());
    }

    @Test
    void tellsWhatThereWasNoTimeFor() throws IOException {
        MadeUpRun run = fourRows();
        run.file.put("leftOut", List.of("layer_norm forward rows 1x8", "<b>"));
        assertTrue(page(run).select("header").text()
                .contains("A complete run. There was no time for layer_norm forward rows 1x8, <b>."));
    }

    @Test
    void tellsHowMuchTimeTheHostGaveToOthers() throws IOException {
        MadeUpRun run = fourRows();
        assertFalse(page(run).select("header").text().contains("Stolen time"));
        run.file.put("stolen", 0.123);
        assertTrue(page(run).select("header").text().contains("Stolen time 12 % of the processor time, by the host"));
    }

    @Test
    void takesTheLeastAllocationOfAllIterations() throws IOException {
        MadeUpRun run = new MadeUpRun();
        run.row("layer_norm", "forward", "rows", "4x8", "simd", 1, 5, 1).put("secondaryMetrics", Map
                .of("gc.alloc.rate.norm", Map.of("score", 24.0, "rawData", List.of(List.of(90, 0.001), List.of(2)))));
        Document page = page(run);
        assertEquals("0.001", page.select("#tables tbody tr td").last().text());
        assertEquals(List.of("simd", "1", "0", "0", "–"), page.select("#allocation tbody td").eachText());
    }

    @Test
    void tellsWhoAllocates() throws IOException {
        MadeUpRun run = new MadeUpRun();
        run.row("layer_norm", "forward", "rows", "4x8", "libtorch", 1, 5, 1);
        assertEquals(List.of("libtorch", "1", "1", "96.0", "layer_norm forward rows 4x8"),
                page(run).select("#allocation tbody td").eachText());
    }

    @Test
    void knowsWhatOthersMeasured() throws IOException {
        MadeUpRun run = fourRows();
        run.row("layer_norm", "forward", "rows", "4x8", "simd", 1, 5, 1).put("benchmark", "some.Other.run");
        assertTrue(page(run).getElementById("tables").text().contains("Not shown: 1 row of other benchmarks."));
    }

    @Test
    void readsJmhsOlderNameOfAllocationAndOtherUnits() throws IOException {
        MadeUpRun run = new MadeUpRun();
        Map<String, Object> row = run.row("layer_norm", "forward", "rows", "4x8", "simd", 1, 5, 1);
        metric(row).put("scoreUnit", "ms/op");
        row.put("secondaryMetrics", Map.of("·gc.alloc.rate.norm", Map.of("score", 24.0)));
        List<String> cells = page(run).select("#tables tbody tr td").eachText();
        assertEquals("5.00 ms", cells.get(8));
        assertEquals("24.0", cells.getLast());
    }
}
