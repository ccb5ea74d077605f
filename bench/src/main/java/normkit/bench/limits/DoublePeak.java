package normkit.bench.limits;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Of f64. Each chain tends to 2, so that nothing overflows or becomes subnormal. */
final class DoublePeak implements Peak {

    private static final VectorSpecies<Double> SPECIES =
            VectorShape.forBitSize(Peak.bits(MethodHandles.lookup())).withLanes(double.class);

    DoublePeak() {
    }

    @Override
    public double run() {
        DoubleVector factor = DoubleVector.broadcast(SPECIES, 0.5);
        DoubleVector term = DoubleVector.broadcast(SPECIES, 1);
        DoubleVector a = DoubleVector.broadcast(SPECIES, 1);
        DoubleVector b = DoubleVector.broadcast(SPECIES, 2);
        DoubleVector c = DoubleVector.broadcast(SPECIES, 3);
        DoubleVector d = DoubleVector.broadcast(SPECIES, 4);
        DoubleVector e = DoubleVector.broadcast(SPECIES, 5);
        DoubleVector f = DoubleVector.broadcast(SPECIES, 6);
        DoubleVector g = DoubleVector.broadcast(SPECIES, 7);
        DoubleVector h = DoubleVector.broadcast(SPECIES, 8);
        DoubleVector i = DoubleVector.broadcast(SPECIES, 9);
        DoubleVector j = DoubleVector.broadcast(SPECIES, 10);
        DoubleVector k = DoubleVector.broadcast(SPECIES, 11);
        DoubleVector l = DoubleVector.broadcast(SPECIES, 12);
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
        DoubleVector first = a.add(b).add(c).add(d.add(e).add(f));
        DoubleVector second = g.add(h).add(i).add(j.add(k).add(l));
        return first.add(second).reduceLanes(VectorOperators.ADD);
    }
}
