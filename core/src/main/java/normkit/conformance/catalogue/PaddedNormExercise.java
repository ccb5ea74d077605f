package normkit.conformance.catalogue;

import java.util.Arrays;
import java.util.stream.IntStream;
import normkit.GroupNorm;
import normkit.InstanceNorm;
import normkit.LayerNorm;
import normkit.RmsNorm;
import normkit.conformance.parts.Term;
import normkit.techniques.PaddedNorm;
import normkit.techniques.Positions;
import normkit.tensor.Tensor;

/** Layer, RMS, instance and group norm over valid places; padding comes out as 0. */
final class PaddedNormExercise implements Exercise {

    private static final double EPSILON = 1e-5;

    private final Grid grid;
    private final String kind;
    private final Mask mask;
    private final Positions positions;
    private final PaddedNorm.Plan plan;
    private final Tensor x;
    private final Tensor scale;
    private final Tensor shift;
    private final Desk.Pair forward;
    private final Desk.Pair backward;
    private final Tensor dscale;
    private final Tensor dshift;

    PaddedNormExercise(Desk desk) {
        grid = new Grid(desk.x());
        String[] variant = desk.which().variant().split("_");
        kind = variant[0];
        mask = new Mask(desk, variant[1].equals("lengths"));
        positions = mask.positions();
        plan = norm().plan(desk.x(), desk.options());
        x = desk.data("x", desk.x());
        desk.normal("dy", desk.x());
        scale = desk.normal("scale", plan.parameterSpec());
        shift = kind.equals("rms") ? null : desk.normal("shift", plan.parameterSpec());
        forward = desk.onto("x", "y");
        backward = desk.onto("dy", "dx");
        dscale = desk.output("dscale", plan.parameterSpec());
        dshift = shift == null ? null : desk.output("dshift", plan.parameterSpec());
    }

    private PaddedNorm norm() {
        return switch (kind) {
            case "layer" -> PaddedNorm.of(LayerNorm.over(grid.channels()).epsilon(EPSILON));
            case "rms" -> PaddedNorm.of(RmsNorm.over(grid.channels()).epsilon(EPSILON));
            case "instance" -> PaddedNorm.of(InstanceNorm.create().epsilon(EPSILON));
            default -> PaddedNorm.of(GroupNorm.of(groups()).epsilon(EPSILON));
        };
    }

    /** The largest proper divisor of the channels, so that most groups have several. */
    private int groups() {
        int channels = grid.channels();
        return IntStream.rangeClosed(2, channels).filter(d -> channels % d == 0).map(d -> channels / d).findFirst()
                .orElse(1);
    }

    /** Elements of one set have the same number. */
    private int set(int i) {
        return switch (kind) {
            case "layer", "rms" -> grid.sample(i) * grid.space() + grid.place(i);
            case "instance" -> grid.sample(i) * grid.channels() + grid.channel(i);
            default -> grid.sample(i) * groups() + grid.channel(i) / (grid.channels() / groups());
        };
    }

    @Override
    public void run() {
        PaddedNorm.Saved saved = plan.forward(forward.in(), positions, scale, shift, forward.out());
        plan.backward(backward.in(), x, scale, saved, backward.out(), dscale, dshift);
    }

    @Override
    public void formula(Formula f) {
        Term[] in = f.in("x");
        Term[] y = new Term[in.length];
        Arrays.fill(y, f.number(0));
        int sets = IntStream.range(0, in.length).map(this::set).max().orElse(-1) + 1;
        for (int s = 0; s < sets; s++) {
            int set = s;
            int[] valid = grid.where(i -> set(i) == set && mask.at(grid, i));
            if (valid.length > 0) {
                normalize(f, in, valid, y);
            }
        }
        f.out("y", y);
        f.loss("dy", y);
    }

    private void normalize(Formula f, Term[] in, int[] valid, Term[] y) {
        Term meanSquare = f.sum(Arrays.stream(valid).mapToObj(i -> in[i].times(in[i])).toArray(Term[]::new))
                .over((double) valid.length);
        Formula.Moments moments = f.moments(in, valid);
        for (int i : valid) {
            int c = grid.channel(i);
            y[i] = kind.equals("rms")
                    ? f.normalized(in[i], f.number(0), meanSquare, EPSILON).times(f.in("scale")[c])
                    : f.normalized(in[i], moments, EPSILON).times(f.in("scale")[c]).plus(f.in("shift")[c]);
        }
    }

    @Override
    public void close() {
        plan.close();
    }
}
