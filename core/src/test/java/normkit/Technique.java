package normkit;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import normkit.tables.ColumnMoments;
import normkit.tables.ColumnRange;
import normkit.tables.MinMaxScaling;
import normkit.tables.Standardization;
import normkit.techniques.LocalResponseNorm;
import normkit.techniques.LpNorm;
import normkit.techniques.MeanVarianceNorm;
import normkit.techniques.ScaleNorm;
import normkit.tensor.DataType;
import normkit.tensor.Layout;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;
import normkit.tensor.TensorSpec;
import normkit.weights.SpectralNorm;
import normkit.weights.SpectralVectors;
import normkit.weights.WeightNorm;
import normkit.weights.WeightStandardization;

/**
 * One direction of a technique that is not one of the five operations, planned, with the names and specs of its
 * tensors, so that what holds for all of them can be tested once.
 */
final class Technique {

    private static final Set<String> POSITIVE = Set.of("variance", "rstd");

    final String name;
    final AutoCloseable plan;
    final Map<String, TensorSpec> inputs;
    final Map<String, TensorSpec> outputs;
    /** Tensors that may be null. */
    final Set<String> optional;
    /** Pairs of an output and an input that may be the same memory. */
    final Set<String> inPlace;
    final Function<Map<String, Tensor>, Runnable> body;

    private Technique(String name, AutoCloseable plan, Map<String, TensorSpec> inputs, Map<String, TensorSpec> outputs,
            Set<String> optional, Set<String> inPlace, Function<Map<String, Tensor>, Runnable> body) {
        this.name = name;
        this.plan = plan;
        this.inputs = inputs;
        this.outputs = outputs;
        this.optional = optional;
        this.inPlace = inPlace;
        this.body = body;
    }

    @Override
    public String toString() {
        return name;
    }

    /** Tensors in some memory, inputs random and the same for the same seed. */
    Map<String, Tensor> tensors(Memory memory, Arena arena, long seed) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        inputs.forEach((key, spec) -> {
            Tensor tensor = memory.allocate(spec, arena);
            for (long i = 0; i < spec.elements(); i++) {
                double value = POSITIVE.contains(key) ? random.nextDouble(0.5, 1.5) : random.nextDouble(-2, 2);
                tensor.set(i, value);
            }
            tensors.put(key, tensor);
        });
        outputs.forEach((key, spec) -> {
            Tensor tensor = memory.allocate(spec, arena);
            for (long i = 0; i < spec.elements(); i++) {
                tensor.set(i, Call.UNTOUCHED);
            }
            tensors.put(key, tensor);
        });
        return tensors;
    }

    void run(Map<String, Tensor> tensors) {
        body.apply(tensors).run();
    }

    Map<String, long[]> outputBits(Map<String, Tensor> tensors) {
        Map<String, long[]> bits = new LinkedHashMap<>();
        outputs.keySet().forEach(key -> bits.put(key, Call.bits(tensors.get(key))));
        return bits;
    }

    private static Map<String, TensorSpec> specs(Object... pairs) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            specs.put((String) pairs[i], (TensorSpec) pairs[i + 1]);
        }
        return specs;
    }

    /** Every technique in both directions and several shapes. */
    static List<Technique> all(DataType type) {
        List<Technique> all = new ArrayList<>();
        TensorSpec cube = TensorSpec.of(type, Layout.ROWS, 6, 35, 11);
        for (int dim : new int[] {0, 1, -1}) {
            weightNorm(all, WeightNorm.create().dim(dim), "dim " + dim, cube);
            for (WeightStandardization.Convention convention : WeightStandardization.Convention.values()) {
                WeightStandardization description = WeightStandardization.of(convention).dim(dim);
                weightStandardization(all, description, convention + " dim " + dim, cube, false);
                weightStandardization(all, description.withGain(), convention + " gain dim " + dim, cube, true);
            }
            spectralNorm(all, SpectralNorm.create().dim(dim), "dim " + dim, cube);
            for (double p : new double[] {1, 2, 3, Double.POSITIVE_INFINITY}) {
                lpNorm(all, LpNorm.of(p).axis(dim), "p " + p + " axis " + dim, cube);
            }
        }
        weightNorm(all, WeightNorm.create().overAll(), "over all", cube);
        scaleNorm(all, TensorSpec.of(type, Layout.ROWS, 5, 7, 40));
        for (Layout layout : List.of(Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST)) {
            TensorSpec x = TensorSpec.of(type, layout, 2, 7, 9, 8);
            for (double beta : new double[] {0.75, 0.5, 1, 0.6}) {
                lrn(all, LocalResponseNorm.acrossChannels(4).alpha(0.5, LocalResponseNorm.Alpha.MEAN).beta(beta),
                        "across beta " + beta + " " + layout, x);
            }
            lrn(all, LocalResponseNorm.withinChannel(3).alpha(0.5, LocalResponseNorm.Alpha.SUM), "within " + layout, x);
            mvn(all, MeanVarianceNorm.acrossChannels(), "across " + layout, x);
            mvn(all, MeanVarianceNorm.withinChannel(), "within " + layout, x);
            mvn(all, MeanVarianceNorm.perChannel(), "per channel " + layout, x);
            mvn(all, MeanVarianceNorm.over(1, 3), "axes 1, 3 " + layout, x);
            mvn(all, MeanVarianceNorm.over(0, 1, 2, 3), "all " + layout, x);
        }
        tables(all, TensorSpec.of(type, Layout.ROWS, 300, 7));
        return all;
    }

    private static void weightNorm(List<Technique> all, WeightNorm norm, String variant, TensorSpec v) {
        WeightNorm.Plan plan = norm.plan(v);
        TensorSpec g = plan.parameterSpec();
        all.add(new Technique("weight_norm forward " + variant, plan, specs("v", v, "g", g), specs("w", v), Set.of(),
                Set.of("w v"), t -> () -> plan.forward(t.get("v"), t.get("g"), t.get("w"))));
        all.add(new Technique("weight_norm norms " + variant, plan, specs("v", v), specs("g", g), Set.of(), Set.of(),
                t -> () -> plan.norms(t.get("v"), t.get("g"))));
        all.add(new Technique("weight_norm backward " + variant, plan, specs("dw", v, "v", v, "g", g),
                specs("dv", v, "dg", g), Set.of("dv", "dg"), Set.of("dv v", "dv dw"),
                t -> () -> plan.backward(t.get("dw"), t.get("v"), t.get("g"), t.get("dv"), t.get("dg"))));
    }

    private static void weightStandardization(List<Technique> all, WeightStandardization description, String variant,
            TensorSpec v, boolean gain) {
        WeightStandardization.Plan plan = description.plan(v, PlanOptions.DEFAULT.exact());
        TensorSpec p = plan.parameterSpec();
        TensorSpec wide = p.as(DataType.F64);
        all.add(new Technique("weight_standardization forward " + variant, plan,
                gain ? specs("v", v, "gain", p) : specs("v", v), specs("w", v, "mean", wide, "variance", wide),
                Set.of("mean", "variance"), Set.of(), t -> {
                    Statistics save = Statistics.meanAndVariance(t.get("mean"), t.get("variance"));
                    return () -> plan.forward(t.get("v"), t.get("gain"), t.get("w"), save);
                }));
        all.add(new Technique("weight_standardization backward " + variant, plan,
                gain
                        ? specs("dw", v, "v", v, "gain", p, "mean", wide, "variance", wide)
                        : specs("dw", v, "v", v, "mean", wide, "variance", wide),
                gain ? specs("dv", v, "dgain", p) : specs("dv", v), Set.of("dv", "dgain"), Set.of("dv v", "dv dw"),
                t -> {
                    Statistics saved = Statistics.meanAndVariance(t.get("mean"), t.get("variance"));
                    return () -> plan.backward(t.get("dw"), t.get("v"), t.get("gain"), saved, t.get("dv"),
                            t.get("dgain"));
                }));
    }

    private static void spectralNorm(List<Technique> all, SpectralNorm norm, String variant, TensorSpec w) {
        SpectralNorm.Plan plan = norm.plan(w);
        Tensor ramp = Tensor.allocate(w);
        for (long i = 0; i < w.elements(); i++) {
            ramp.set(i, i % 17 - 5);
        }
        SpectralVectors vectors = plan.initialize(ramp, 3);
        all.add(new Technique("spectral_norm infer " + variant, plan, specs("weight", w), specs("w", w), Set.of(),
                Set.of("w weight"), t -> () -> plan.infer(t.get("weight"), vectors, t.get("w"))));
        all.add(new Technique("spectral_norm train " + variant, plan, specs("weight", w), specs("w", w), Set.of(),
                Set.of("w weight"), t -> {
                    SpectralVectors own = vectors.copy();
                    return () -> plan.train(t.get("weight"), own, t.get("w"));
                }));
        all.add(new Technique("spectral_norm backward " + variant, plan, specs("dw", w, "weight", w),
                specs("dweight", w), Set.of(), Set.of("dweight dw", "dweight weight"),
                t -> () -> plan.backward(t.get("dw"), t.get("weight"), vectors, t.get("dweight"))));
    }

    private static void lpNorm(List<Technique> all, LpNorm norm, String variant, TensorSpec x) {
        LpNorm.Plan plan = norm.plan(x);
        all.add(new Technique("lp_norm forward " + variant, plan, specs("x", x), specs("y", x), Set.of(), Set.of("y x"),
                t -> () -> plan.forward(t.get("x"), t.get("y"))));
        all.add(new Technique("lp_norm norms " + variant, plan, specs("x", x), specs("norms", plan.statisticsSpec()),
                Set.of(), Set.of(), t -> () -> plan.norms(t.get("x"), t.get("norms"))));
        all.add(new Technique("lp_norm backward " + variant, plan, specs("dy", x, "x", x), specs("dx", x), Set.of(),
                Set.of("dx x", "dx dy"), t -> () -> plan.backward(t.get("dy"), t.get("x"), t.get("dx"))));
    }

    private static void scaleNorm(List<Technique> all, TensorSpec x) {
        long[] shape = x.shape();
        ScaleNorm.Plan plan =
                ScaleNorm.over(Arrays.copyOfRange(shape, 1, shape.length)).plan(x, PlanOptions.DEFAULT.exact());
        TensorSpec g = plan.parameterSpec();
        TensorSpec rstd = plan.statisticsSpec();
        all.add(new Technique("scale_norm forward", plan, specs("x", x, "g", g), specs("y", x, "rstd", rstd),
                Set.of("rstd"), Set.of("y x"), t -> {
                    Statistics save = new Statistics(null, null, t.get("rstd"));
                    return () -> plan.forward(t.get("x"), t.get("g"), t.get("y"), save);
                }));
        all.add(new Technique("scale_norm backward", plan, specs("dy", x, "x", x, "g", g, "rstd", rstd),
                specs("dx", x, "dg", g), Set.of("dx", "dg"), Set.of("dx x", "dx dy"), t -> {
                    Statistics saved = new Statistics(null, null, t.get("rstd"));
                    return () -> plan.backward(t.get("dy"), t.get("x"), t.get("g"), saved, t.get("dx"), t.get("dg"));
                }));
    }

    private static void lrn(List<Technique> all, LocalResponseNorm norm, String variant, TensorSpec x) {
        LocalResponseNorm.Plan plan = norm.plan(x);
        all.add(new Technique("local_response_norm forward " + variant, plan, specs("x", x), specs("y", x), Set.of(),
                Set.of("y x"), t -> () -> plan.forward(t.get("x"), t.get("y"))));
        all.add(new Technique("local_response_norm backward " + variant, plan, specs("dy", x, "x", x), specs("dx", x),
                Set.of(), Set.of("dx x", "dx dy"), t -> () -> plan.backward(t.get("dy"), t.get("x"), t.get("dx"))));
    }

    private static void mvn(List<Technique> all, MeanVarianceNorm norm, String variant, TensorSpec x) {
        MeanVarianceNorm.Plan plan = norm.plan(x, PlanOptions.DEFAULT.exact());
        TensorSpec s = plan.statisticsSpec();
        all.add(new Technique("mean_variance_norm forward " + variant, plan, specs("x", x),
                specs("y", x, "mean", s, "variance", s, "rstd", s), Set.of("mean", "variance", "rstd"), Set.of("y x"),
                t -> {
                    Statistics save = new Statistics(t.get("mean"), t.get("variance"), t.get("rstd"));
                    return () -> plan.forward(t.get("x"), t.get("y"), save);
                }));
        all.add(new Technique("mean_variance_norm backward " + variant, plan,
                specs("dy", x, "x", x, "mean", s, "rstd", s), specs("dx", x), Set.of(), Set.of("dx x", "dx dy"), t -> {
                    Statistics saved = Statistics.meanAndRstd(t.get("mean"), t.get("rstd"));
                    return () -> plan.backward(t.get("dy"), t.get("x"), saved, t.get("dx"));
                }));
    }

    private static void tables(List<Technique> all, TensorSpec x) {
        Tensor table = Tensor.allocate(x);
        SplittableRandom random = new SplittableRandom(4);
        for (long i = 0; i < x.elements(); i++) {
            table.set(i, i % 7 == 2 ? 5 : (float) (100 * (i % 7) + random.nextDouble()));
        }
        ColumnMoments moments = ColumnMoments.over(7);
        moments.add(table);
        ColumnRange range = ColumnRange.over(7);
        range.add(table);
        Standardization.Fitted standard = Standardization.create().fit(moments);
        MinMaxScaling.Fitted scaled = MinMaxScaling.create().range(-1, 3).fit(range);
        AutoCloseable nothing = () -> {};
        Set<String> same = Set.of("y x", "x y", "dx dy");
        all.add(new Technique("standardization transform", nothing, specs("x", x), specs("y", x), Set.of(), same,
                t -> () -> standard.transform(t.get("x"), t.get("y"))));
        all.add(new Technique("standardization inverse", nothing, specs("y", x), specs("x", x), Set.of(), same,
                t -> () -> standard.inverse(t.get("y"), t.get("x"))));
        all.add(new Technique("standardization backward", nothing, specs("dy", x), specs("dx", x), Set.of(), same,
                t -> () -> standard.backward(t.get("dy"), t.get("dx"))));
        all.add(new Technique("min_max transform", nothing, specs("x", x), specs("y", x), Set.of(), same,
                t -> () -> scaled.transform(t.get("x"), t.get("y"))));
        all.add(new Technique("min_max inverse", nothing, specs("y", x), specs("x", x), Set.of(), same,
                t -> () -> scaled.inverse(t.get("y"), t.get("x"))));
        all.add(new Technique("min_max backward", nothing, specs("dy", x), specs("dx", x), Set.of(), same,
                t -> () -> scaled.backward(t.get("dy"), t.get("dx"))));
    }
}
