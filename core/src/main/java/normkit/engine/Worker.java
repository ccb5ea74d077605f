package normkit.engine;

import java.lang.foreign.Arena;
import java.util.Arrays;
import normkit.geometry.Lanes;
import normkit.spi.KernelProvider;
import normkit.spi.Problem;
import normkit.tensor.Statistics;
import normkit.tensor.Tensor;

/**
 * Runs a problem part by part, the parts divided among the members of a team. Units are independent but for the gradients
 * of γ and β: these are summed in chunks of units, which {@link Form#chunk} defines whatever the team, and chunks are added
 * in index order. Serves one run at a time.
 */
final class Worker {

    /** Parts per member: more even out threads that are not equally fast, fewer cost less to hand out. */
    private static final int PARTS = 4;

    /** Set before a run of a problem that has a fusion. */
    final Extras extras = new Extras();

    private final Problem problem;
    private final Team team;
    private final Member[] members;
    private final long units;
    private final long part;
    private final long chunk;
    private final int wave;
    private final double[][] scaleSums;
    private final double[][] shiftSums;
    private final double[] scaleTotal;
    private final double[] shiftTotal;

    // Kept, as are the arguments below, because a lambda that captures them would be allocated in every run.
    private final Team.Work forwardTask = this::forwardPart;
    private final Team.Work backwardTask = this::backwardChunk;
    private final Team.Work gradientTask = this::gradientPart;
    private Tensor dy;
    private Tensor x;
    private Tensor scale;
    private Tensor shift;
    private Statistics statistics;
    private Tensor out;
    private double[] sums;
    private double[] dots;
    private boolean parameters;
    private long firstChunk;

    // Memory for gradients in the making that have no place in dx.
    private Tensor gradientScratch;
    private Tensor inputScratch;

    private Worker(Problem problem, Team team, Member[] members, Form form, int parameters) {
        this.problem = problem;
        this.team = team;
        this.members = members;
        this.units = form.units();
        int parts = team.size() == 1 ? 1 : PARTS * team.size();
        this.part = Lanes.ceilDiv(units, parts);
        this.chunk = form.chunk(parts);
        this.wave = (int) Math.min(Lanes.ceilDiv(units, chunk), parts);
        this.scaleSums = new double[wave][parameters];
        this.shiftSums = new double[wave][parameters];
        this.scaleTotal = new double[parameters];
        this.shiftTotal = new double[parameters];
    }

    /**
     * Makes a worker for a problem.
     *
     * @param form the problem's form
     * @param parameters number of γ or β whose gradients are summed; 0 in forward passes
     */
    static Worker of(Problem problem, Form form, int parameters, KernelProvider kernels, Team team) {
        boolean within = form.within(team.size());
        Team among = within ? Team.ALONE : team;
        Member[] members = new Member[among.size()];
        Arrays.setAll(members, i -> member(problem, form, kernels, within ? team : Team.ALONE));
        return new Worker(problem, among, members, form, parameters);
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
    void backward(Tensor newDy, Tensor newX, Tensor newScale, Statistics newStatistics, Tensor dx, Tensor dscale,
            Tensor dshift) {
        dy = newDy;
        x = newX;
        scale = newScale;
        statistics = newStatistics;
        out = dx;
        makeRoom();
        parameters = dscale != null || dshift != null;
        Arrays.fill(scaleTotal, 0);
        Arrays.fill(shiftTotal, 0);
        long chunks = Lanes.ceilDiv(units, chunk);
        for (firstChunk = 0; firstChunk < chunks; firstChunk += wave) {
            int tasks = (int) Math.min(wave, chunks - firstChunk);
            team.run(tasks, backwardTask);
            for (int task = 0; parameters && task < tasks; task++) {
                add(scaleSums[task], scaleTotal);
                add(shiftSums[task], shiftTotal);
            }
        }
        store(scaleTotal, dscale);
        store(shiftTotal, dshift);
        forget();
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

    private void backwardChunk(int task, int member) {
        Arrays.fill(scaleSums[task], 0);
        Arrays.fill(shiftSums[task], 0);
        long from = (firstChunk + task) * chunk;
        members[member].backward(dy, x, scale, statistics, out, parameters ? scaleSums[task] : null,
                parameters ? shiftSums[task] : null, extras, from, Math.min(units, from + chunk));
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

    private static void add(double[] part, double[] total) {
        for (int i = 0; i < total.length; i++) {
            total[i] += part[i];
        }
    }

    private static void store(double[] from, Tensor to) {
        if (to != null) {
            for (int i = 0; i < from.length; i++) {
                to.set(i, from[i]);
            }
        }
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
        extras.forget();
    }
}
