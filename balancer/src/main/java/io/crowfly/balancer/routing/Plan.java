package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Objective;
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
 * computed again while shares move, when an exploration is due, and after some seconds without a change.
 */
final class Plan {

    /**
     * Natural logarithm of the factor by which an unknown backend may plausibly serve a model faster than the best
     * backend does: 1.65, the spread of one model's levels among backends.
     */
    private static final double UNKNOWN_DEVIATION = 0.5;

    /** Maximum of the failure share in a cost, so that every cost is finite. */
    private static final double MAX_FAILURE_SHARE = 0.9;

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

    /** Returns the candidates for the newest ranking: the same object as before unless they differ by enough to matter. */
    Candidates candidates(MeanInFlight inFlight, long nowNanos) {
        if (isDue(inFlight, nowNanos)) {
            compute(inFlight, nowNanos);
        }
        return published.last();
    }

    private boolean isDue(MeanInFlight inFlight, long nowNanos) {
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
        long toleranceNanos = open == 0 ? 0 : routing.tolerance().nanos((long) entries.get(0).cost);
        setUnknownCosts(entries, remaining);
        explores = routing.exploration() > 0 && open > 1;
        Exploration exploration = explores ? explorer.choose(entries, nowNanos) : Exploration.NONE;
        Tiers tierFacts = Tiers.of(entries, routing.tierTolerance().nanos());
        published.publish(entries, open, panic, toleranceNanos, exploration, tierFacts);
        dueAtNanos = shares.isMoving() ? nowNanos : nowNanos + refreshNanos;
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
        boolean complete = present == entries.size();
        for (int place = 0; complete && place < entries.size(); place++) {
            PlanEntry entry = entries.get(place);
            complete = inputs.has(entry.index);
            if (complete) {
                entries.set(place, entry(entry, inFlight, nowNanos));
            }
        }
        if (!complete) {
            entries.clear();
            for (int index : eligible) {
                if (inputs.has(index)) {
                    entries.add(newEntry(index, inFlight, nowNanos));
                }
            }
        }
    }

    /**
     * Sets the cost at which an unknown backend would be, for backends without requests, which only may be explored. Only
     * what probes measure and the failures count as known. What was learned from requests does not: a backend that was
     * slow and has become fast may have a large spread, or a wait that was taken for network latency.
     */
    private static void setUnknownCosts(List<PlanEntry> entries, RemainingTokens remaining) {
        double least = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            least = entry.open ? Math.min(least, logMeanService(entry)) : least;
        }
        double serviceNanos = StrictMath.exp(least - UNKNOWN_DEVIATION);
        for (PlanEntry entry : entries) {
            if (entry.open && entry.share == 0) {
                double nanos = entry.snapshot.probedNetworkNanos() + serviceNanos;
                double cost = cost(entry.model, entry.forecast.prediction(), nanos, remaining);
                entry.unknownCost = Math.min(entry.optimisticCost, cost);
            }
        }
    }

    private static double logMeanService(PlanEntry entry) {
        double spread = entry.forecast.prediction().spread();
        return entry.logService + spread * spread / 2;
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

    private PlanEntry entry(PlanEntry before, MeanInFlight inFlight, long nowNanos) {
        int index = before.index;
        boolean same = before.source == inputs.forecast(index)
                && before.sizeEffect == sizeEffect
                && before.remaining == remaining
                && before.costByLoad.plannedInFlight() == inFlight.at(index) + 1
                && before.model.equals(inputs.model(index));
        if (!same) {
            return newEntry(index, inFlight, nowNanos);
        }
        before.reset(inputs.snapshot(index), closedNote(index, nowNanos));
        return before;
    }

    private PlanEntry newEntry(int index, MeanInFlight inFlight, long nowNanos) {
        Forecast source = inputs.forecast(index);
        Forecast forecast = source.atSize(sizeEffect);
        ModelHealth model = inputs.model(index);
        String note = closedNote(index, nowNanos);
        PlanEntry entry = new PlanEntry(
                index,
                conf.backends().get(index).tier(),
                inputs.snapshot(index),
                model,
                forecast,
                cost(model, forecast, remaining, inFlight.at(index) + 1),
                cost(model, forecast.prediction(), forecast.ordinaryNanos(), remaining),
                cost(model, forecast.prediction(), forecast.optimisticNanos(), remaining),
                note.isEmpty(),
                note);
        entry.source = source;
        entry.sizeEffect = sizeEffect;
        entry.remaining = remaining;
        return entry;
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
                prediction.networkNanos() * failureFactor(model),
                forecast.loadCurve(),
                plannedInFlight,
                uncertainty(prediction));
    }

    private static double cost(
            ModelHealth model, Prediction prediction, double firstTokenNanos, RemainingTokens remaining) {
        return (firstTokenNanos + remaining.nanos(prediction)) * failureFactor(model);
    }

    /**
     * Returns the factor by which failures of the model raise the cost. The success share is squared, because a failure
     * costs its own time and then that of another, slower backend.
     */
    private static double failureFactor(ModelHealth model) {
        double successShare = 1 - Math.min(model.failureShare(), MAX_FAILURE_SHARE);
        return 1 / (successShare * successShare);
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
     * Opens backends without a probe result if no lower tier and no backend of their tier is open. Without this, requests
     * would go to a more expensive tier whenever its first probes end sooner, after a start or a reload.
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
