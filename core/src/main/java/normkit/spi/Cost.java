package normkit.spi;

/**
 * What one implementation takes for one pass, as few numbers: a planner predicts its time from them without running it.
 * All are nanoseconds on one thread. Those per KiB are per KiB that goes to or from the tensors of x's size, each counted
 * once: x and y forward; dy, x and dx backward. They are fitted to measurements, and only their order has to be right.
 * Immutable.
 *
 * @param call per call
 * @param run per stretch of elements that is worked on in one go: a row, a channel's plane, or a column
 * @param parameter per parameter whose gradient is summed, in backward passes
 * @param cached per KiB that fits in the second level cache
 * @param shared per KiB that fits in the third level cache
 * @param memory per KiB beyond the caches
 * @param spill further per KiB where one set is larger than the second level cache
 * @param mesh further per KiB beyond the second level cache, where the third one is shared by so many cores that it is
 *        little faster than memory
 * @param staging further per KiB of tensors on the Java heap, for copies to native memory and back
 * @param parallel share of the work, 0 to 1, that is divided among threads
 * @param team further per call where there are several threads, for handing out the work; what would take longer that way is
 *        done by one
 */
public record Cost(double call, double run, double parameter, double cached, double shared, double memory, double spill,
        double mesh, double staging, double parallel, double team) {

    /** Says nothing: the backend is ranked by its priority alone. */
    public static final Cost UNKNOWN = new Cost(Double.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * The cost of moving data; everything else is 0.
     *
     * @param cached ns per KiB in the second level cache
     * @param shared ns per KiB in the third level cache
     * @param memory ns per KiB beyond the caches
     * @return the cost
     */
    public static Cost perKiB(double cached, double shared, double memory) {
        return new Cost(0, 0, 0, cached, shared, memory, 0, 0, 0, 0, 0);
    }

    /**
     * Tells whether a time can be predicted.
     *
     * @return false for {@link #UNKNOWN}
     */
    public boolean known() {
        return !Double.isNaN(call);
    }

    /**
     * Sets the cost of a call.
     *
     * @param ns nanoseconds
     * @return changed cost
     */
    public Cost perCall(double ns) {
        return new Cost(ns, run, parameter, cached, shared, memory, spill, mesh, staging, parallel, team);
    }

    /**
     * Sets the cost of a row, plane or column.
     *
     * @param ns nanoseconds
     * @return changed cost
     */
    public Cost perRun(double ns) {
        return new Cost(call, ns, parameter, cached, shared, memory, spill, mesh, staging, parallel, team);
    }

    /**
     * Sets the cost of a parameter's gradient.
     *
     * @param ns nanoseconds
     * @return changed cost
     */
    public Cost perParameter(double ns) {
        return new Cost(call, run, ns, cached, shared, memory, spill, mesh, staging, parallel, team);
    }

    /**
     * Sets what sets beyond the second level cache cost on top.
     *
     * @param ns nanoseconds per KiB
     * @return changed cost
     */
    public Cost spilling(double ns) {
        return new Cost(call, run, parameter, cached, shared, memory, ns, mesh, staging, parallel, team);
    }

    /**
     * Sets what a third level cache of many cores costs on top.
     *
     * @param ns nanoseconds per KiB beyond the second level cache
     * @return changed cost
     */
    public Cost crossingMesh(double ns) {
        return new Cost(call, run, parameter, cached, shared, memory, spill, ns, staging, parallel, team);
    }

    /**
     * Sets what tensors on the heap cost on top.
     *
     * @param ns nanoseconds per KiB
     * @return changed cost
     */
    public Cost staged(double ns) {
        return new Cost(call, run, parameter, cached, shared, memory, spill, mesh, ns, parallel, team);
    }

    /**
     * Sets the share of the work that threads divide.
     *
     * @param share 0, where more threads do not help, to 1
     * @return changed cost
     */
    public Cost dividing(double share) {
        return new Cost(call, run, parameter, cached, shared, memory, spill, mesh, staging, share, team);
    }

    /**
     * Sets what a call costs on top where there are several threads.
     *
     * @param ns nanoseconds
     * @return changed cost
     */
    public Cost perTeam(double ns) {
        return new Cost(call, run, parameter, cached, shared, memory, spill, mesh, staging, parallel, ns);
    }
}
