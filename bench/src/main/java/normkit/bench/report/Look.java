package normkit.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A backend's colour and marker, the same wherever it appears. Colours are classes b0, b1, … of the style sheet; the
 * markers alone tell backends apart, too.
 */
record Look(int index, Marker marker) {

    /** Marker shapes, drawn around a place. */
    enum Marker {
        CIRCLE("M%1$.1f,%2$.1fm-4.2,0a4.2,4.2 0 1,0 8.4,0a4.2,4.2 0 1,0 -8.4,0z", true), SQUARE(
                "M%1$.1f,%2$.1fm-3.7,-3.7h7.4v7.4h-7.4z", true), TRIANGLE("M%1$.1f,%2$.1fm0,-4.8l4.7,8.2h-9.4z",
                        true), DIAMOND("M%1$.1f,%2$.1fm0,-5.2l4.6,5.2l-4.6,5.2l-4.6,-5.2z", true), CROSS(
                                "M%1$.1f,%2$.1fm-3.6,-3.6l7.2,7.2m0,-7.2l-7.2,7.2",
                                false), TIP("M%1$.1f,%2$.1fm0,4.8l4.7,-8.2h-9.4z", true), PLUS(
                                        "M%1$.1f,%2$.1fm-4.6,0h9.2m-4.6,-4.6v9.2",
                                        false), WEDGE("M%1$.1f,%2$.1fm-4.8,0l8.2,-4.7v9.4z", true), ARROW(
                                                "M%1$.1f,%2$.1fm4.8,0l-8.2,-4.7v9.4z",
                                                true), BAR("M%1$.1f,%2$.1fm0,-5v10", false);

        private final String path;
        private final boolean filled;

        Marker(String path, boolean filled) {
            this.path = path;
            this.filled = filled;
        }

        String at(double x, double y) {
            return String.format(Locale.ROOT, path, x, y);
        }

        boolean filled() {
            return filled;
        }
    }

    /** The usual backends, each with the marker and the colour at its place. */
    private static final List<String> KNOWN = List.of("simd", "onednn", "libtorch", "onnxruntime", "loop", "scalar");
    /** Markers for others. */
    private static final List<Marker> OTHERS = List.of(Marker.PLUS, Marker.WEDGE, Marker.ARROW);

    /** Copies look the same everywhere, and like nothing else. */
    static final Look COPY = new Look(KNOWN.size() + OTHERS.size(), Marker.BAR);

    /** Gives each of some backends, in order, its look. */
    static Map<String, Look> assign(List<String> backends) {
        Map<String, Look> looks = new LinkedHashMap<>();
        int others = 0;
        for (String backend : backends) {
            int known = KNOWN.indexOf(backend);
            looks.put(backend, known >= 0 ? new Look(known, Marker.values()[known]) : other(others++));
        }
        looks.put(Run.COPY, COPY);
        return looks;
    }

    private static Look other(int number) {
        int kind = number % OTHERS.size();
        return new Look(KNOWN.size() + kind, OTHERS.get(kind));
    }

    /** A mark at a place. */
    Svg mark(double x, double y) {
        return mark("", x, y);
    }

    /** A mark with its error bar. */
    Svg mark(String bar, double x, double y) {
        return Svg.path("mark " + css() + (marker.filled() ? "" : " open"), bar + marker.at(x, y));
    }

    /** The class of the style sheet. */
    String css() {
        return "b" + index;
    }

    /** The usual backends first, then others by name. */
    static List<String> ordered(Collection<String> backends) {
        List<String> ordered = new ArrayList<>(backends);
        ordered.sort(Comparator.comparingInt((String b) -> KNOWN.contains(b) ? KNOWN.indexOf(b) : KNOWN.size())
                .thenComparing(Comparator.naturalOrder()));
        return ordered;
    }
}
