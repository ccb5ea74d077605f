package normkit.engine;

import java.lang.foreign.Arena;
import java.util.Arrays;
import normkit.bulk.Doubles;
import normkit.geometry.Lanes;
import normkit.spi.KernelProvider;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Runs a problem part by part, the parts divided among the members of a team. Units are independent but for the gradients
 * of γ and β: these are summed in chunks of units, which {@link Form#chunk} defines whatever the team, and chunks are added
 * in index order. A single chunk may be cut into blocks. Serves one run at a time.
 */
final class Worker {

    /** Parts per member: more even out threads that are not equally fast, fewer cost less to hand out. */
    private static final int PARTS = 4;

    /** Parameters per task of what is done to their sums. */
    private static final int RANGE = 1 << 16;

    /** Set before a run of a problem that has a fusion. */
    final Extras extras = new Extras();

    private final Problem problem;
    /** Who shares a run, and who shares the units, which is the caller alone if each unit is shared. */
    private final Team everybody;
    private final Team team;
    private final Member[] members;
    private final long units;
    private final long part;
    private final long chunk;
    private final boolean inBlocks;
    /** The sums of tasks that run at once; of a single one, which adds to the total itself, that total. */
    private final ParameterSums[] sumsOfTasks;
    private final ParameterSums total;
    /** By member, of those who share the ranges. */
    private final Doubles[] doubles;
    /** The statistics of all sets, where they are looked through before a run. */
    private final SetValues given;

    // Kept, as are the arguments below, because a lambda that captures them would be allocated in every run.
    private final Team.Work forwardTask = this::forwardPart;
    private final Team.Work backwardTask = this::backwardPart;
    private final Team.Work gradientTask = this::gradientPart;
    private final Team.Work addTask = this::addRange;
    private final Team.Work storeTask = this::storeRange;
    private Tensor dy;
    private Tensor x;
    private Tensor scale;
    private Tensor shift;
    private Statistics statistics;
    private Tensor out;
    private double[] sums;
    private double[] dots;
    private Tensor dscale;
    private Tensor dshift;
    private boolean parameters;
    private long step;
    private long firstTask;
    private int tasks;

    // Memory for gradients in the making that have no place in dx.
    private Tensor gradientScratch;
    private Tensor inputScratch;

    private Worker(Problem problem, Team everybody, Team team, Member[] members, Form form, int parameters,
            boolean inBlocks) {
        this.problem = problem;
        this.everybody = everybody;
        this.team = team;
        this.members = members;
        this.units = form.units();
        int parts = team.size() == 1 ? 1 : PARTS * team.size();
        this.part = Lanes.ceilDiv(units, parts);
        this.chunk = form.chunk(parts);
        this.inBlocks = inBlocks;
        this.total = new ParameterSums(parameters);
        this.doubles = new Doubles[Math.min(everybody.size(), ranges())];
        Arrays.setAll(doubles, i -> new Doubles());
        this.given = inBlocks ? new SetValues(problem, (int) units, doubles[0]) : null;
        long most = Lanes.ceilDiv(units, inBlocks ? Lanes.ROW_DEPTH : chunk);
        this.sumsOfTasks = new ParameterSums[(int) Math.min(most, inBlocks ? most : parts)];
        Arrays.setAll(sumsOfTasks, i -> most == 1 ? total : new ParameterSums(parameters));
    }

    /**
     * Makes a worker for a problem.
     *
     * @param form the problem's form
     * @param parameters number of γ or β whose gradients are summed; 0 in forward passes
     */
    static Worker of(Problem problem, Form form, int parameters, KernelProvider kernels, Team team) {
        boolean within = form.within(team.size(), parameters > 0);
        Team among = within ? Team.ALONE : team;
        Member[] members = new Member[among.size()];
        Arrays.setAll(members, i -> member(problem, form, kernels, within ? team : Team.ALONE));
        boolean inBlocks = among.size() > 1 && parameters > 0 && form.inBlocks() && !(members[0] instanceof ShortRows);
        return new Worker(problem, team, among, members, form, parameters, inBlocks);
    }

    private static Member member(Problem problem, Form form, KernelProvider kernels, Team within) {
        return switch (form) {
            case Form.OfRuns runs -> {
                Member general = new RunMember(problem, runs,
                        within == Team.ALONE
                                ? kernels.runs(problem.type())
                                : new TeamRunKernels(kernels, problem.type(), within),
                        within);
                yield ShortRows.suit(problem, runs) ? new ShortRows(problem, runs, general) : general;
            }
            case Form.OfColumns columns -> new ColumnMember(problem, columns,
                    new ColumnPasses(columns.columns(), kernels, problem.type(), within, problem.fusion().any()));
        };
    }

    /** See {@link normkit.spi.Execution#forward}. */
    void forward(Tensor newX, Tensor newScale, Tensor newShift, Statistics newStatistics, Tensor y) {
        x = newX;
        scale = newScale;
        shift = newShift;
        statistics = newStatistics;
        out = y;
        team.run((int) Lanes.ceilDiv(units, part), forwardTask);
        forget();
    }

    private void forwardPart(int task, int member) {
        long from = task * part;
        members[member].forward(x, scale, shift, statistics, out, extras, from, Math.min(units, from + part));
    }

    /** See {@link normkit.spi.Execution#backward}. */
    void backward(Tensor newDy, Tensor newX, Tensor newScale, Statistics newStatistics, Tensor dx, Tensor newDscale,
            Tensor newDshift) {
        dy = newDy;
        x = newX;
        scale = newScale;
        statistics = newStatistics;
        out = dx;
        dscale = newDscale;
        dshift = newDshift;
        makeRoom();
        parameters = dscale != null || dshift != null;
        if (parameters) {
            sumParameters();
        } else {
            step = part;
            firstTask = 0;
            team.run((int) Lanes.ceilDiv(units, step), backwardTask);
        }
        forget();
    }

    private void sumParameters() {
        step = inBlocks && !anyWide() ? Lanes.ROW_DEPTH : chunk;
        long all = Lanes.ceilDiv(units, step);
        for (firstTask = 0; firstTask < all; firstTask += tasks) {
            tasks = (int) Math.min(sumsOfTasks.length, all - firstTask);
            team.run(tasks, backwardTask);
            overRanges(addTask);
        }
        overRanges(storeTask);
    }

    private void overRanges(Team.Work work) {
        everybody.run(ranges(), work);
    }

    private int ranges() {
        return (int) Lanes.ceilDiv(total.scale.length, RANGE);
    }

    private int endOfRange(int range) {
        return (int) Math.min(total.scale.length, (range + 1L) * RANGE);
    }

    private void addRange(int range, int member) {
        for (int task = 0; task < tasks && sumsOfTasks[task] != total; task++) {
            sumsOfTasks[task].moveTo(total, range * RANGE, endOfRange(range));
        }
    }

    private void storeRange(int range, int member) {
        total.moveTo(doubles[member], dscale, dshift, range * RANGE, endOfRange(range));
    }

    /** Whether a set is computed in double: its block is added to the chunk's sums value by value, not as a whole. */
    private boolean anyWide() {
        given.read(0, (int) units, statistics);
        for (int set = 0; set < units; set++) {
            if (given.wide(set)) {
                return true;
            }
        }
        return false;
    }

    /** Finds places for what is formed on the way: a fusion's gradients go by way of dx where nothing else is there. */
    private void makeRoom() {
        if (problem.fusion().before() != null) {
            if (inputScratch == null) {
                inputScratch = Tensor.allocate(problem.x(), Arena.ofAuto());
            }
            extras.input = inputScratch;
        }
        if (problem.fusion().after() != null) {
            boolean taken = out == null || out.sameMemory(x);
            if (taken && gradientScratch == null) {
                gradientScratch = Tensor.allocate(problem.x(), Arena.ofAuto());
            }
            extras.gradient = taken ? gradientScratch : out;
        }
    }

    private void backwardPart(int task, int member) {
        ParameterSums own = parameters ? sumsOfTasks[task] : null;
        long from = (firstTask + task) * step;
        members[member].backward(dy, x, scale, statistics, out, parameters ? own.scale : null,
                parameters ? own.shift : null, extras, from, Math.min(units, from + step));
    }

    /** See {@link Member#gradient}. */
    void gradient(Tensor newDy, Tensor newX, Tensor newScale, Statistics newStatistics, double[] newSums,
            double[] newDots, Tensor dx) {
        dy = newDy;
        x = newX;
        scale = newScale;
        statistics = newStatistics;
        sums = newSums;
        dots = newDots;
        out = dx;
        team.run((int) Lanes.ceilDiv(units, part), gradientTask);
        forget();
    }

    private void gradientPart(int task, int member) {
        long from = task * part;
        members[member].gradient(dy, x, scale, statistics, sums, dots, out, from, Math.min(units, from + part));
    }

    /** Lets go of the caller's memory. */
    private void forget() {
        dy = null;
        x = null;
        scale = null;
        shift = null;
        statistics = null;
        sums = null;
        dots = null;
        out = null;
        dscale = null;
        dshift = null;
        extras.forget();
    }
}
