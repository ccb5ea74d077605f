package normkit.conformance.catalogue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import normkit.conformance.Memory;
import normkit.conformance.Values;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.TensorSpec;

/**
 * One check of a technique, forward and backward. {@link #name()} is all it takes to do it again.
 *
 * @param technique name of the technique, as {@link Catalogue#techniques} has it
 * @param variant which of its options are set
 * @param type element type
 * @param layout meaning of the axes
 * @param shape lengths of the axes
 * @param values family of the values of x
 * @param in where the inputs lie
 * @param out where the outputs lie
 * @param inPlace whether outputs take the place of inputs, where the technique allows it
 * @param seed seed of the data
 */
public record TechniqueCase(String technique, String variant, DataType type, Layout layout, List<Long> shape,
        Values values, Memory in, Memory out, boolean inPlace, long seed) {

    private static final int PARTS = 10;

    /** Copies the shape. */
    public TechniqueCase {
        shape = List.copyOf(shape);
    }

    /**
     * Returns the name, from which {@link #parse} makes an equal case.
     *
     * @return for example {@code switchable_norm:plain:f32:channels_first:3x5x7:offset_1e4:heap:native_odd:apart:7}
     */
    public String name() {
        String axes = shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
        return String.join(":", technique, variant, lower(type), lower(layout), axes, values.label(), in.label(),
                out.label(), inPlace ? "in_place" : "apart", "" + seed);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes the case of a name.
     *
     * @param name what {@link #name()} returned
     * @return the case
     * @throws IllegalArgumentException if the name is none
     */
    public static TechniqueCase parse(String name) {
        String[] p = name.split(":");
        if (p.length != PARTS) {
            throw new IllegalArgumentException("the case name " + name + " has " + p.length
                    + " parts; that of a technique's case must have " + PARTS);
        }
        try {
            Family family = Family.named(p[0]);
            if (!family.variants().contains(p[1])) {
                throw new IllegalArgumentException(
                        "the variant is " + p[1] + "; it must be one of " + String.join(", ", family.variants()));
            }
            List<Long> axes = Arrays.stream(p[4].split("x")).map(Long::valueOf).toList();
            return new TechniqueCase(p[0], p[1], DataType.valueOf(p[2].toUpperCase(Locale.ROOT)),
                    Layout.valueOf(p[3].toUpperCase(Locale.ROOT)), axes, Values.of(p[5]), Memory.of(p[6]),
                    Memory.of(p[7]), p[8].equals("in_place"), Long.parseLong(p[9]));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the case name " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Spec of x. */
    TensorSpec spec() {
        return TensorSpec.of(type, layout, shape.stream().mapToLong(Long::longValue).toArray());
    }
}
