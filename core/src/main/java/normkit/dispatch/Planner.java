package normkit.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import normkit.dispatch.Decision.Answer;
import normkit.dispatch.Decision.Candidate;
import normkit.dispatch.Decision.Source;
import normkit.spi.Availability;
import normkit.spi.Backend;
import normkit.spi.Cost;
import normkit.spi.Problem;
import normkit.spi.Support;

/**
 * Chooses a backend for a problem: the one that is forced; else the fastest one as wisdom has it; else, with
 * {@link Effort#ESTIMATE}, the one of the lowest predicted time, and with {@link Effort#MEASURE} the fastest one when timed.
 * Backends that would not win by their own forecast are not even probed, and those that run {@linkplain Backend#onlyByName()
 * only by name} are no candidates unless forced. Thread-safe.
 */
public final class Planner {

    private static final Duration BUDGET = Duration.ofSeconds(2);
    /** An estimate is wrong by less than that. */
    private static final double HOPELESS = 30;
    private static final String REFERENCE = "scalar";

    /** Measurements at once would disturb each other. */
    private static final Object MEASURING = new Object();

    private static final class Holder {
        static final Planner HERE = of(Wisdom.here());
    }

    private final Roster roster;
    private final Wisdom wisdom;
    private final CostModel model;
    private final Race race;

    Planner(Roster roster, Wisdom wisdom, Caches caches, LongSupplier clock, Duration budget) {
        this.roster = roster;
        this.wisdom = wisdom;
        this.model = new CostModel(caches);
        this.race = new Race(clock, Race.Limits.of(budget, false));
    }

    /**
     * Returns the planner all plans use, with the wisdom of the process.
     *
     * @return the same every time
     */
    public static Planner here() {
        return Holder.HERE;
    }

    /**
     * Makes a planner of the same backends with other wisdom, for example none, to measure afresh.
     *
     * @param wisdom what it knows, and where it remembers what it measures
     * @return a new planner
     */
    public static Planner of(Wisdom wisdom) {
        return of(wisdom, BUDGET);
    }

    /**
     * Makes a planner that takes another time to measure.
     *
     * @param wisdom what it knows, and where it remembers what it measures
     * @param budget about how long a measurement of one problem may take
     * @return a new planner
     */
    public static Planner of(Wisdom wisdom, Duration budget) {
        return new Planner(Backends.roster(), Objects.requireNonNull(wisdom, "wisdom"), Caches.here(), System::nanoTime,
                budget);
    }

    CostModel model() {
        return model;
    }

    /**
     * Chooses.
     *
     * @param problem what to solve
     * @param request how
     * @return the decision
     * @throws IllegalArgumentException if no backend has the forced or a required name
     * @throws IllegalStateException if the forced backend is not available or declines (it never falls back silently), a
     *         required backend is not available, or no backend supports the problem
     */
    public Decision decide(Problem problem, Request request) {
        Objects.requireNonNull(problem, "problem");
        Objects.requireNonNull(request, "request");
        Backends.required().forEach(this::require);
        Object event = Recording.planning();
        String forced = request.backend() != null ? request.backend() : Backends.forced();
        Decision decision = forced != null ? forced(problem, request, forced) : free(problem, request);
        Recording.end(event, decision);
        return decision;
    }

    private void require(String name) {
        if (roster.named(name).availability() instanceof Availability.Unavailable unavailable) {
            throw new IllegalStateException("backend '" + name + "' is required by " + Backends.REQUIRE_PROPERTY
                    + " or " + Backends.REQUIRE_VARIABLE + ", but is not available: " + unavailable.reason());
        }
    }

    private Decision forced(Problem problem, Request request, String name) {
        Roster.Entry entry = roster.named(name);
        Candidate answer = ask(entry, problem, request);
        if (!answer.supported()) {
            throw new IllegalStateException(
                    "backend '" + name + "' is forced but cannot run " + problem + ": " + answer.detail());
        }
        List<Candidate> candidates = new ArrayList<>();
        for (Roster.Entry other : roster.all()) {
            if (other == entry) {
                candidates.add(answer);
            } else if (!other.backend().onlyByName()) {
                candidates.add(unasked(other, "another one is forced"));
            }
        }
        return new Decision(this, problem, request, candidates, entry.backend(), Source.FORCED);
    }

    private Decision free(Problem problem, Request request) {
        return remembered(problem, request)
                .or(() -> request.effort() == Effort.MEASURE ? measured(problem, request) : Optional.empty())
                .orElseGet(() -> estimated(problem, request));
    }

    /** The fastest of those wisdom has times of, if they are as able as they were then. */
    private Optional<Decision> remembered(Problem problem, Request request) {
        Map<String, Double> times =
                wisdom.find(Wisdom.key(problem, request)).map(Verdict::nanoseconds).orElse(Map.of());
        return times.keySet().stream()
                .flatMap(name -> roster.entries().stream().filter(entry -> entry.name().equals(name)))
                .flatMap(entry -> remembered(problem, request, entry, times).stream()).findFirst();
    }

    private Optional<Decision> remembered(Problem problem, Request request, Roster.Entry entry,
            Map<String, Double> times) {
        Candidate answer = ask(entry, problem, request);
        if (!answer.supported()) {
            return Optional.empty();
        }
        List<Candidate> candidates =
                roster.entries().stream().map(e -> e == entry ? answer : unasked(e, "slower, as wisdom has it"))
                        .map(c -> c.measured(times.getOrDefault(c.backend(), Double.NaN))).toList();
        return Optional.of(new Decision(this, problem, request, candidates, entry.backend(), Source.WISDOM));
    }

    /** Times the candidates, if there are several; empty if they cannot be timed. */
    private Optional<Decision> measured(Problem problem, Request request) {
        List<Candidate> candidates = roster.entries().stream().map(entry -> ask(entry, problem, request)).toList();
        List<Backend> able = promising(candidates);
        if (able.size() < 2 || problem.x().elements() == 0) {
            return Optional.empty();
        }
        try {
            synchronized (MEASURING) {
                Optional<Decision> meanwhile = remembered(problem, request);
                return meanwhile.isPresent()
                        ? meanwhile
                        : decision(problem, request, candidates, able,
                                Measurement.of(problem, able, reference(), request, race));
            }
        } catch (IllegalStateException e) {
            Messages.once(System.Logger.Level.WARNING, e.getMessage() + "; the estimate decides");
            return Optional.empty();
        }
    }

    /** Those that support the problem, less those whose estimate is so much worse that timing them would waste time. */
    private List<Backend> promising(List<Candidate> candidates) {
        double least = candidates.stream().filter(Candidate::supported).mapToDouble(Candidate::estimated)
                .filter(ns -> !Double.isNaN(ns)).min().orElse(Double.NaN);
        List<Backend> promising = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).supported() && !(candidates.get(i).estimated() > HOPELESS * least)) {
                promising.add(roster.entries().get(i).backend());
            }
        }
        return promising;
    }

    private Optional<Decision> decision(Problem problem, Request request, List<Candidate> asked, List<Backend> able,
            Measurement measurement) {
        measurement.rejected().forEach((name, reason) -> Messages.once(System.Logger.Level.WARNING,
                "backend " + name + " is not chosen for " + problem + ": " + reason));
        if (measurement.nanoseconds().isEmpty()) {
            return Optional.empty();
        }
        wisdom.remember(Wisdom.key(problem, request), new Verdict(measurement.nanoseconds()));
        List<Candidate> candidates = asked.stream().map(c -> {
            String wrong = measurement.rejected().get(c.backend());
            return wrong == null
                    ? c.measured(measurement.of(c.backend()).orElse(Double.NaN))
                    : new Candidate(c.backend(), Answer.DECLINED, wrong, Cost.UNKNOWN, Double.NaN, Double.NaN);
        }).toList();
        String fastest = measurement.nanoseconds().keySet().iterator().next();
        Backend chosen = able.stream().filter(b -> b.name().equals(fastest)).findFirst().orElseThrow();
        return Optional.of(new Decision(this, problem, request, candidates, chosen, Source.MEASURED));
    }

    /** The backend whose results count as right: the portable one, or the least preferred. */
    private Backend reference() {
        return roster.entries().stream().map(Roster.Entry::backend).filter(b -> b.name().equals(REFERENCE)).findFirst()
                .orElseGet(() -> roster.entries().getLast().backend());
    }

    /** Asks the most promising first, until one that was asked is ahead of all forecasts. */
    private Decision estimated(Problem problem, Request request) {
        List<Candidate> candidates =
                new ArrayList<>(roster.entries().stream().map(e -> forecast(e, problem, request)).toList());
        while (true) {
            int best = best(candidates);
            if (best < 0) {
                throw new IllegalStateException("no backend supports " + problem + ": " + candidates.stream()
                        .map(c -> c.backend() + ": " + c.detail()).collect(Collectors.joining("; ")));
            }
            Roster.Entry entry = roster.entries().get(best);
            if (candidates.get(best).answer() == Answer.SUPPORTED) {
                return new Decision(this, problem, request, candidates, entry.backend(), source(candidates, best));
            }
            candidates.set(best, ask(entry, problem, request));
        }
    }

    /**
     * The candidate of the lowest time that did not decline, the preferred one of equals. One of unknown time only if no
     * other is preferred to it; then nobody's time counts. Negative if all declined.
     */
    private static int best(List<Candidate> candidates) {
        int best = -1;
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            if (candidate.answer() == Answer.DECLINED) {
                continue;
            }
            if (best < 0 || candidate.estimated() < candidates.get(best).estimated()) {
                best = i;
            }
        }
        return best;
    }

    private static Source source(List<Candidate> candidates, int best) {
        boolean only = candidates.stream().filter(c -> c.answer() != Answer.DECLINED).count() == 1;
        return only ? Source.ONLY : Double.isNaN(candidates.get(best).estimated()) ? Source.PRIORITY : Source.ESTIMATE;
    }

    /** What a backend expects to answer, where it can tell without being probed; else what it answers. */
    private Candidate forecast(Roster.Entry entry, Problem problem, Request request) {
        if (entry.probed() || tooInexact(entry, request)) {
            return ask(entry, problem, request);
        }
        return entry.backend().forecast(problem).map(support -> switch (support) {
            case Support.Supported s -> new Candidate(entry.name(), Answer.UNASKED, s.implementation(), s.cost(),
                    model.nanoseconds(problem, s.cost(), request), Double.NaN);
            case Support.Declined d -> declined(entry, d.reason());
        }).orElseGet(() -> ask(entry, problem, request));
    }

    private static Candidate unasked(Roster.Entry entry, String why) {
        return new Candidate(entry.name(), Answer.UNASKED, why, Cost.UNKNOWN, Double.NaN, Double.NaN);
    }

    private static Candidate declined(Roster.Entry entry, String reason) {
        return new Candidate(entry.name(), Answer.DECLINED, reason, Cost.UNKNOWN, Double.NaN, Double.NaN);
    }

    /** Asks a backend that was left out so far. */
    Candidate ask(Candidate unasked, Problem problem, Request request) {
        return ask(roster.named(unasked.backend()), problem, request).measured(unasked.measured());
    }

    private static boolean tooInexact(Roster.Entry entry, Request request) {
        return request.exact() && !entry.backend().exact();
    }

    private Candidate ask(Roster.Entry entry, Problem problem, Request request) {
        if (tooInexact(entry, request)) {
            return declined(entry, "its results are not the defined ones to the last bit, which are asked for");
        }
        if (entry.availability() instanceof Availability.Unavailable unavailable) {
            return declined(entry, "not available: " + unavailable.reason());
        }
        return switch (entry.backend().answer(problem)) {
            case Support.Supported s -> new Candidate(entry.name(), Answer.SUPPORTED, s.implementation(), s.cost(),
                    model.nanoseconds(problem, s.cost(), request), Double.NaN);
            case Support.Declined d -> declined(entry, d.reason());
        };
    }
}
