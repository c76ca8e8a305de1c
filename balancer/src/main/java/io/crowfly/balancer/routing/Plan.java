package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.Parking;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Plan for one kind of request: computes its candidates and keeps its shares between rankings. The steps are: cost of
 * each backend, open backends, preferred tier, shares, exploration. Confined to one thread at a time.
 *
 * <p>A plan is computed again if the forecast, the health or the load of one of its backends has changed. It is also
 * computed again while shares move, when an exploration is due, and after some seconds without a change. A plan with
 * many backends pauses after each computation, unless a change is large.
 */
final class Plan {

    /**
     * Natural logarithm of the factor by which an unknown backend may plausibly serve a model faster than the best
     * backend does: 1.65, the spread of one model's levels among backends.
     */
    private static final double UNKNOWN_DEVIATION = 0.5;

    /**
     * Bounds of the time after which a plan is computed again if nothing has changed. Plans have different times, so
     * that not all of them are computed at once.
     */
    private static final long MIN_REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

    private static final long MAX_REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final int REFRESH_STEPS = 8;

    /** Factor on that time that it reaches after some repetitions without a change. */
    private static final int MAX_PAUSES = 8;

    /** Differences of a size effect, and relative ones of a number or a time of tokens, that do not matter. */
    private static final double NEGLIGIBLE = 0.005;

    /**
     * Pause for each backend between two computations of a plan, unless a change is large: 250 ms with 500 backends.
     * The time of a computation grows with their number, and a small change at one of many backends moves little
     * traffic.
     */
    private static final long PAUSE_NANOS_PER_BACKEND = TimeUnit.MICROSECONDS.toNanos(500);

    private final ClassInputs inputs;
    private final int sizeNode;
    private final Conf conf;
    private final Routing routing;
    private final int[] eligible;
    private final long minRefreshNanos;
    private long refreshNanos;

    private final TierSelector tiers;
    private final TrafficShares shares;
    private final Explorer explorer;
    private final PublishedCandidates published;

    /** In the order of the last candidates. */
    private final List<PlanEntry> entries = new ArrayList<>();

    private ClassForecast plannedFigures;
    private double sizeEffect;
    private RemainingTokens remaining = new RemainingTokens(0, 0);
    private long plannedVersion = -1;
    private long plannedUrgentVersion = -1;
    private long pauseUntilNanos;
    private long plannedLoads = -1;
    private long dueAtNanos;
    private boolean explores;

    /**
     * Tokens after the first, as far as the objective counts them.
     *
     * @param tokens expected number; 0 if the objective is the first token
     * @param usualTokenNanos mean time between tokens over the backends. It replaces an unknown time, so that a backend
     *     without data does not seem better than the others
     */
    private record RemainingTokens(double tokens, double usualTokenNanos) {

        double nanos(Prediction prediction) {
            long own = prediction.tokenNanos();
            return tokens * (own == ProbeTimes.ABSENT ? usualTokenNanos : own);
        }

        boolean isClose(RemainingTokens other) {
            return Math.abs(tokens - other.tokens) <= NEGLIGIBLE * tokens
                    && Math.abs(usualTokenNanos - other.usualTokenNanos) <= NEGLIGIBLE * usualTokenNanos;
        }
    }

    /**
     * @param number number of the plan, by which the times of plans differ
     * @param eligible backends that such requests may use
     * @param rule name of the rule that restricts such requests
     * @param explorationBudget budget of all plans under the conf
     */
    Plan(
            int number,
            ClassInputs inputs,
            int sizeNode,
            Conf conf,
            EligibleBackends eligible,
            Optional<String> rule,
            ExplorationBudget explorationBudget) {
        this.inputs = inputs;
        this.sizeNode = sizeNode;
        this.conf = conf;
        this.routing = conf.routing();
        this.eligible = eligible.places().stream().mapToInt(place -> place).toArray();
        minRefreshNanos = MIN_REFRESH_NANOS
                + (MAX_REFRESH_NANOS - MIN_REFRESH_NANOS) * Math.floorMod(number, REFRESH_STEPS) / REFRESH_STEPS;
        plannedFigures = inputs.figures();
        tiers = new TierSelector(routing.tierTolerance().nanos());
        boolean unlimited = routing.tierTolerance() instanceof TierTolerance.Unlimited;
        shares = new TrafficShares(conf.backends().size(), !unlimited);
        explorer = new Explorer(routing.exploration(), routing.tierTolerance().nanos(), explorationBudget);
        published = new PublishedCandidates(routing.policy(), eligible.served(), rule);
    }

    /**
     * Returns the candidates for the newest ranking: the same object as before unless they differ by enough to matter.
     */
    Candidates candidates(MeanInFlight inFlight, long nowNanos) {
        if (isDue(inFlight, nowNanos)) {
            compute(inFlight, nowNanos);
        }
        return published.last();
    }

    private boolean isDue(MeanInFlight inFlight, long nowNanos) {
        if (nowNanos < pauseUntilNanos) {
            return inputs.urgentVersion() != plannedUrgentVersion;
        }
        return inputs.version() != plannedVersion
                || inFlight.version() != plannedLoads
                || nowNanos >= dueAtNanos
                || explores && nowNanos >= explorer.dueAtNanos()
                || inputs.figures() != plannedFigures
                        && Math.abs(sizeEffect - inputs.figures().sizeEffects()[sizeNode]) > NEGLIGIBLE;
    }

    private void compute(MeanInFlight inFlight, long nowNanos) {
        boolean refreshed = plannedVersion == inputs.version() && plannedLoads == inFlight.version();
        refreshNanos = refreshed ? Math.min(MAX_PAUSES * minRefreshNanos, 2 * refreshNanos) : minRefreshNanos;
        plannedVersion = inputs.version();
        plannedUrgentVersion = inputs.urgentVersion();
        plannedLoads = inFlight.version();
        plannedFigures = inputs.figures();
        updateFigures();
        updateEntries(inFlight, nowNanos);
        if (routing.tierTolerance() instanceof TierTolerance.Unlimited) {
            openUnprobedInLowerTiers(entries);
        }
        boolean panic = openFallbacksIfNoneIsOpen(entries);
        tiers.markPreferred(entries, nowNanos);
        shares.update(entries, tolerance(entries), tiers.returnedAtNanos(), nowNanos);
        entries.sort(PlanEntry::bestFirst);
        int open = 0;
        for (PlanEntry entry : entries) {
            open += entry.open ? 1 : 0;
        }
        if (routing.policy() == Policy.WEIGHTED) {
            setSharesByWeight(open);
        }
        long toleranceNanos = open == 0 ? 0 : routing.tolerance().nanos((long) entries.get(0).cost);
        setUnknownCosts(entries, remaining);
        explores = routing.exploration() > 0 && open > 1;
        Exploration exploration = explores ? explorer.choose(entries, nowNanos) : Exploration.NONE;
        Tiers tierFacts = Tiers.of(entries, routing.tierTolerance().nanos());
        published.publish(entries, open, panic, toleranceNanos, exploration, tierFacts);
        pauseUntilNanos = nowNanos + PAUSE_NANOS_PER_BACKEND * eligible.length;
        dueAtNanos = shares.isMoving() ? nowNanos : nowNanos + refreshNanos;
    }

    /** Sets the shares of the open backends to those of their weights; equal shares if no weight is above zero. */
    private void setSharesByWeight(int open) {
        double sum = 0;
        for (PlanEntry entry : entries) {
            sum += entry.open ? weight(entry) : 0;
        }
        for (PlanEntry entry : entries) {
            double share = sum == 0 ? 1.0 / open : weight(entry) / sum;
            entry.share = entry.open ? share : 0;
        }
    }

    private double weight(PlanEntry entry) {
        return routing.weight(conf.backends().get(entry.index));
    }

    /** Keeps the former figures if the new ones hardly differ, so that entries can be used again. */
    private void updateFigures() {
        double effect = plannedFigures.sizeEffects()[sizeNode];
        sizeEffect = Math.abs(effect - sizeEffect) > NEGLIGIBLE ? effect : sizeEffect;
        RemainingTokens fresh = remainingTokens(plannedFigures.expectedTokens());
        remaining = fresh.isClose(remaining) ? remaining : fresh;
    }

    private void updateEntries(MeanInFlight inFlight, long nowNanos) {
        int present = 0;
        for (int index : eligible) {
            present += inputs.has(index) ? 1 : 0;
        }
        int known = 0;
        for (PlanEntry entry : entries) {
            known += inputs.has(entry.index) ? 1 : 0;
        }
        if (present != known || present != entries.size()) {
            entries.clear();
            for (int index : eligible) {
                if (inputs.has(index)) {
                    entries.add(new PlanEntry(index, conf.backends().get(index).tier()));
                }
            }
        }
        for (PlanEntry entry : entries) {
            update(entry, inFlight, nowNanos);
        }
    }

    /**
     * Sets the cost at which an unknown backend would be, for backends without requests, which only may be explored.
     * Only what probes measure and the failures count as known. What was learned from requests counts only if it
     * favours the backend: one that was slow and has become fast may have a large spread, or a wait that was taken for
     * network latency.
     */
    private static void setUnknownCosts(List<PlanEntry> entries, RemainingTokens remaining) {
        double least = Double.POSITIVE_INFINITY;
        double usualSpread = 0;
        for (PlanEntry entry : entries) {
            if (entry.open && entry.logService < least) {
                least = entry.logService;
                usualSpread = entry.forecast.prediction().spread();
            }
        }
        for (PlanEntry entry : entries) {
            if (entry.open && entry.share == 0) {
                double spread =
                        Math.min(usualSpread, entry.forecast.prediction().spread());
                double serviceNanos = StrictMath.exp(least - UNKNOWN_DEVIATION + spread * spread / 2);
                double nanos = distanceNanos(entry) + serviceNanos;
                double cost = cost(entry.model, entry.forecast.prediction(), nanos, remaining);
                entry.unknownCost = Math.min(entry.optimisticCost, cost);
            }
        }
    }

    /**
     * Returns the time to the backend and back. Inference probes do not measure it separately, but each of their
     * latencies is an upper limit of what requests have shown.
     */
    private static long distanceNanos(PlanEntry entry) {
        return entry.snapshot.backend().probe().kind() instanceof Probe.Kind.Inference
                ? entry.forecast.prediction().networkNanos()
                : entry.snapshot.probedNetworkNanos();
    }

    private RemainingTokens remainingTokens(double tokens) {
        if (routing.objective() != Objective.COMPLETION) {
            return remaining;
        }
        double sum = 0;
        int count = 0;
        for (int index : eligible) {
            long nanos = inputs.has(index) ? inputs.forecast(index).prediction().tokenNanos() : ProbeTimes.ABSENT;
            if (nanos != ProbeTimes.ABSENT) {
                sum += nanos;
                count++;
            }
        }
        return new RemainingTokens(tokens, count == 0 ? 0 : sum / count);
    }

    /** Sets an entry that is new or whose backend has changed, and prepares each for the next computation. */
    private void update(PlanEntry entry, MeanInFlight inFlight, long nowNanos) {
        int index = entry.index;
        boolean same = entry.source == inputs.forecast(index)
                && entry.sizeEffect == sizeEffect
                && entry.remaining == remaining
                && entry.costByLoad.plannedInFlight() == inFlight.at(index) + 1
                && entry.model.equals(inputs.model(index));
        if (!same) {
            set(entry, inFlight);
        }
        entry.reset(inputs.snapshot(index), closedNote(index, nowNanos));
    }

    private void set(PlanEntry entry, MeanInFlight inFlight) {
        entry.source = inputs.forecast(entry.index);
        entry.sizeEffect = sizeEffect;
        entry.remaining = remaining;
        Forecast forecast = entry.source.atSize(sizeEffect);
        ModelHealth model = inputs.model(entry.index);
        entry.set(
                model,
                forecast,
                cost(model, forecast, remaining, inFlight.at(entry.index) + 1),
                cost(model, forecast.prediction(), forecast.ordinaryNanos(), remaining),
                cost(model, forecast.prediction(), forecast.optimisticNanos(), remaining));
    }

    /** Returns why the backend may not get such requests; empty if it may. */
    private String closedNote(int index, long nowNanos) {
        if (inputs.health(index) != Health.HEALTHY) {
            return inputs.snapshot(index).reason();
        }
        ModelHealth model = inputs.model(index);
        if (model.isEjected()) {
            ModelHealth.Ejected ejected = model.ejection().get();
            return "model ejected" + timeLeft(ejected.untilNanos(), nowNanos) + ": " + ejected.reason();
        }
        Parking parking = inputs.parking(index);
        return parking == null ? "" : "parked" + timeLeft(parking.untilNanos(), nowNanos) + ": " + parking.reason();
    }

    private static String timeLeft(long untilNanos, long nowNanos) {
        return untilNanos == Long.MAX_VALUE
                ? ""
                : " for " + Math.max(0, TimeUnit.NANOSECONDS.toMillis(untilNanos - nowNanos)) + " ms";
    }

    private static Cost cost(ModelHealth model, Forecast forecast, RemainingTokens remaining, double plannedInFlight) {
        Prediction prediction = forecast.prediction();
        return Cost.of(
                cost(model, prediction, prediction.meanNanos(), remaining),
                prediction.networkNanos() * Cost.failureFactor(model),
                forecast.loadCurve(),
                plannedInFlight,
                uncertainty(prediction));
    }

    private static double cost(
            ModelHealth model, Prediction prediction, double firstTokenNanos, RemainingTokens remaining) {
        return (firstTokenNanos + remaining.nanos(prediction)) * Cost.failureFactor(model);
    }

    /**
     * Returns the uncertainty of the mean as a share of the mean. Only the service time is uncertain, not the network
     * time.
     */
    private static double uncertainty(Prediction prediction) {
        double mean = prediction.meanNanos();
        return prediction.uncertainty() * (mean - prediction.networkNanos()) / mean;
    }

    /**
     * Opens backends without a probe result if no lower tier and no backend of their tier is open. Without this,
     * requests would go to a more expensive tier whenever its first probes end sooner, after a start or a reload.
     */
    private void openUnprobedInLowerTiers(List<PlanEntry> entries) {
        int lowestOpen = Integer.MAX_VALUE;
        for (PlanEntry entry : entries) {
            lowestOpen = entry.open ? Math.min(lowestOpen, entry.tier) : lowestOpen;
        }
        for (PlanEntry entry : entries) {
            boolean modelIsOut = entry.model.isEjected() || inputs.parking(entry.index) != null;
            if (entry.snapshot.health() == Health.UNKNOWN && entry.tier < lowestOpen && !modelIsOut) {
                entry.open = true;
            }
        }
    }

    /**
     * Opens closed backends if none is open.
     *
     * @return whether this kind of request is in panic
     */
    private boolean openFallbacksIfNoneIsOpen(List<PlanEntry> entries) {
        if (isAnyOpen(entries)) {
            return false;
        }
        // For these backends no probe has ended yet. An instance that has just started should try them rather than fail
        // requests.
        open(entries, Health.UNKNOWN);
        if (isAnyOpen(entries) || !routing.panic()) {
            return false;
        }
        // Parked or ejected models, and ejected backends whose probes may pass, are the most likely to work.
        for (PlanEntry entry : entries) {
            entry.open = entry.snapshot.health() == Health.HEALTHY || entry.snapshot.ejected();
        }
        if (!isAnyOpen(entries)) {
            open(entries, Health.UNHEALTHY);
        }
        return isAnyOpen(entries);
    }

    private static boolean isAnyOpen(List<PlanEntry> entries) {
        for (PlanEntry entry : entries) {
            if (entry.open) {
                return true;
            }
        }
        return false;
    }

    private static void open(List<PlanEntry> entries, Health health) {
        for (PlanEntry entry : entries) {
            entry.open |= entry.snapshot.health() == health;
        }
    }

    private double tolerance(List<PlanEntry> entries) {
        double best = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            best = entry.preferred ? Math.min(best, entry.cost) : best;
        }
        best = Double.isFinite(best) ? best : 1;
        return routing.tolerance().nanos((long) best) / best;
    }
}
