package normkit.bench.limits;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Of f32. Each chain tends to 2, so that nothing overflows or becomes subnormal. */
final class FloatPeak implements Peak {

    private static final VectorSpecies<Float> SPECIES =
            VectorShape.forBitSize(Peak.bits(MethodHandles.lookup())).withLanes(float.class);

    FloatPeak() {
    }

    @Override
    public double run() {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector term = FloatVector.broadcast(SPECIES, 1);
        FloatVector a = FloatVector.broadcast(SPECIES, 1);
        FloatVector b = FloatVector.broadcast(SPECIES, 2);
        FloatVector c = FloatVector.broadcast(SPECIES, 3);
        FloatVector d = FloatVector.broadcast(SPECIES, 4);
        FloatVector e = FloatVector.broadcast(SPECIES, 5);
        FloatVector f = FloatVector.broadcast(SPECIES, 6);
        FloatVector g = FloatVector.broadcast(SPECIES, 7);
        FloatVector h = FloatVector.broadcast(SPECIES, 8);
        FloatVector i = FloatVector.broadcast(SPECIES, 9);
        FloatVector j = FloatVector.broadcast(SPECIES, 10);
        FloatVector k = FloatVector.broadcast(SPECIES, 11);
        FloatVector l = FloatVector.broadcast(SPECIES, 12);
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(factor, term);
            b = b.fma(factor, term);
            c = c.fma(factor, term);
            d = d.fma(factor, term);
            e = e.fma(factor, term);
            f = f.fma(factor, term);
            g = g.fma(factor, term);
            h = h.fma(factor, term);
            i = i.fma(factor, term);
            j = j.fma(factor, term);
            k = k.fma(factor, term);
            l = l.fma(factor, term);
        }
        FloatVector first = a.add(b).add(c).add(d.add(e).add(f));
        FloatVector second = g.add(h).add(i).add(j.add(k).add(l));
        return first.add(second).reduceLanes(VectorOperators.ADD);
    }
}
