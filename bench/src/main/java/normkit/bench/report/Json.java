package normkit.bench.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** A JSON value that knows where it is in its file, so that a complaint can say so. Absent and null are the same. */
record Json(String path, JsonElement element) {

    /** What neither HTML nor SVG may contain, half characters among it. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cs}\\x{FFFE}\\x{FFFF}]");

    /** A value is not what it must be; the message names its place. */
    static final class Mismatch extends RuntimeException {

        private static final long serialVersionUID = 1;

        Mismatch(String message) {
            super(message);
        }
    }

    Json get(String name) {
        return new Json(path.isEmpty() ? name : path + "." + name, isAbsent() ? null : object().get(name));
    }

    boolean isAbsent() {
        return element == null || element.isJsonNull();
    }

    Set<String> names() {
        return isAbsent() ? Set.of() : object().keySet();
    }

    /** The values of an array; none if it is absent. */
    List<Json> values() {
        List<Json> values = new ArrayList<>();
        if (!isAbsent()) {
            if (!(element instanceof JsonArray array)) {
                throw mismatch("an array");
            }
            for (int i = 0; i < array.size(); i++) {
                values.add(new Json(path + "[" + i + "]", array.get(i)));
            }
        }
        return values;
    }

    String text() {
        if (isAbsent() || !element.isJsonPrimitive()) {
            throw mismatch("a text");
        }
        return printable(element.getAsString());
    }

    /** A text without what no page may contain; texts from values are so already. */
    static String printable(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("\uFFFD");
    }

    String text(String otherwise) {
        return isAbsent() ? otherwise : text();
    }

    /** A number; NaN if it is absent. JMH writes what is not finite as text. */
    double number() {
        if (isAbsent()) {
            return Double.NaN;
        }
        try {
            return Double.parseDouble(text());
        } catch (NumberFormatException e) {
            throw mismatch("a number");
        }
    }

    /** A count, at least 1. */
    long count() {
        double number = number();
        if (!(number >= 1 && number <= Long.MAX_VALUE && number == Math.rint(number))) {
            throw mismatch("a whole number above 0");
        }
        return (long) number;
    }

    boolean flag() {
        if (isAbsent() || !element.isJsonPrimitive() || !element.getAsJsonPrimitive().isBoolean()) {
            throw mismatch("true or false");
        }
        return element.getAsBoolean();
    }

    private JsonObject object() {
        if (!(element instanceof JsonObject object)) {
            throw mismatch("an object");
        }
        return object;
    }

    /** What to say of a value that should be something else. */
    Mismatch mismatch(String wanted) {
        String is = isAbsent() ? "missing" : abbreviated(element.toString());
        return new Mismatch((path.isEmpty() ? "its content" : path) + " is " + is + "; it must be " + wanted);
    }

    private static String abbreviated(String text) {
        int most = 40;
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }
}
