package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.balancer.routing.RoutingTable.RequestKind;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.Parking;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Plan for one kind of request: computes its candidates from each ranking and keeps its shares between rankings. The
 * steps are: cost of each backend, open backends, preferred tier, shares, exploration. Confined to one thread at a
 * time.
 */
final class Plan {

    private static final Comparator<PlanEntry> BEST_FIRST = Comparator.comparing((PlanEntry entry) -> !entry.open)
            .thenComparing(entry -> !entry.preferred)
            .thenComparingInt(entry -> entry.tier)
            .thenComparingDouble(entry -> entry.cost)
            .thenComparingInt(entry -> entry.index);

    /**
     * Natural logarithm of the factor by which an unknown backend may plausibly serve a model faster than the best
     * backend does: 1.65, the spread of one model's levels among backends.
     */
    private static final double UNKNOWN_DEVIATION = 0.5;

    /** Maximum of the failure share in a cost, so that every cost is finite. */
    private static final double MAX_FAILURE_SHARE = 0.9;

    private final RequestKind kind;
    private final Conf conf;
    private final Routing routing;
    private final List<Integer> eligible;
    private final boolean served;
    private final Optional<String> rule;

    private final TierSelector tiers;
    private final TrafficShares shares;
    private final Explorer explorer;

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
    }

    /**
     * @param eligible places in the conf of the backends that such requests may use
     * @param served whether any backend serves such requests, with or without the rule
     * @param rule name of the rule that restricts such requests
     * @param explorationBudget budget of all plans under the conf
     */
    Plan(
            RequestKind kind,
            Conf conf,
            List<Integer> eligible,
            boolean served,
            Optional<String> rule,
            ExplorationBudget explorationBudget) {
        this.kind = kind;
        this.conf = conf;
        this.routing = conf.routing();
        this.eligible = List.copyOf(eligible);
        this.served = served;
        this.rule = rule;
        tiers = new TierSelector(routing.tierTolerance().nanos());
        boolean unlimited = routing.tierTolerance() instanceof TierTolerance.Unlimited;
        shares = new TrafficShares(conf.backends().size(), !unlimited);
        explorer = new Explorer(routing.exploration(), routing.tierTolerance().nanos(), explorationBudget);
    }

    /**
     * Computes the candidates for one ranking.
     *
     * @param snapshots by place in the conf
     * @param sizeEffect natural logarithm of the factor of this kind's body size on service time
     * @param tokens expected number of tokens in a response
     */
    Candidates candidates(
            List<Optional<BackendSnapshot>> snapshots,
            double sizeEffect,
            double tokens,
            MeanInFlight inFlight,
            long nowNanos) {
        RemainingTokens remaining = remainingTokens(snapshots, tokens);
        List<PlanEntry> entries = new ArrayList<>(eligible.size());
        for (int index : eligible) {
            snapshots
                    .get(index)
                    .ifPresent(
                            snapshot -> entries.add(entry(index, snapshot, sizeEffect, remaining, inFlight, nowNanos)));
        }
        if (routing.tierTolerance() instanceof TierTolerance.Unlimited) {
            openUnprobedInLowerTiers(entries);
        }
        boolean panic = openFallbacksIfNoneIsOpen(entries);
        tiers.markPreferred(entries, nowNanos);
        shares.update(entries, tolerance(entries), tiers.returnedAtNanos(), nowNanos);
        entries.sort(BEST_FIRST);
        int open = (int) entries.stream().filter(entry -> entry.open).count();
        long toleranceNanos = open == 0 ? 0 : routing.tolerance().nanos((long) entries.get(0).cost);
        setUnknownCosts(entries, remaining);
        Exploration exploration =
                routing.exploration() > 0 && open > 1 ? explorer.choose(entries, nowNanos) : Exploration.NONE;
        List<Candidate> list = entries.stream().map(Plan::candidate).toList();
        Tiers tierFacts = Tiers.of(entries, routing.tierTolerance().nanos());
        return new Candidates(
                routing.policy(), list, open, served, panic, rule, toleranceNanos, exploration, tierFacts);
    }

    private static void setUnknownCosts(List<PlanEntry> entries, RemainingTokens remaining) {
        double least = Double.POSITIVE_INFINITY;
        for (PlanEntry entry : entries) {
            least = entry.open ? Math.min(least, entry.forecast.prediction().logService()) : least;
        }
        for (PlanEntry entry : entries) {
            if (entry.open) {
                Prediction prediction = entry.forecast.prediction();
                double logMean = least - UNKNOWN_DEVIATION + prediction.spread() * prediction.spread() / 2;
                double nanos = prediction.networkNanos() + StrictMath.exp(logMean);
                double cost = cost(entry.model, prediction, nanos, remaining);
                entry.unknownCost = Math.min(entry.optimisticCost, cost);
            }
        }
    }

    private RemainingTokens remainingTokens(List<Optional<BackendSnapshot>> snapshots, double tokens) {
        if (routing.objective() != Objective.COMPLETION) {
            return new RemainingTokens(0, 0);
        }
        double usual = eligible.stream()
                .flatMap(index -> snapshots.get(index).stream())
                .mapToLong(snapshot ->
                        snapshot.forecast(kind.requestClass()).prediction().tokenNanos())
                .filter(nanos -> nanos != ProbeTimes.ABSENT)
                .average()
                .orElse(0);
        return new RemainingTokens(tokens, usual);
    }

    private static Candidate candidate(PlanEntry entry) {
        return new Candidate(
                entry.index,
                entry.snapshot.withoutClasses(),
                entry.model,
                entry.forecast,
                entry.costByLoad,
                entry.share,
                entry.returning,
                entry.note);
    }

    private PlanEntry entry(
            int index,
            BackendSnapshot snapshot,
            double sizeEffect,
            RemainingTokens remaining,
            MeanInFlight inFlight,
            long nowNanos) {
        Forecast forecast = snapshot.forecast(kind.requestClass()).atSize(sizeEffect);
        ModelHealth model = snapshot.model(kind.requestClass().model());
        String note = closedNote(snapshot, model, nowNanos);
        return new PlanEntry(
                index,
                conf.backends().get(index).tier(),
                snapshot,
                model,
                forecast,
                cost(model, forecast, remaining, inFlight.at(index) + 1),
                cost(model, forecast.prediction(), forecast.ordinaryNanos(), remaining),
                cost(model, forecast.prediction(), forecast.optimisticNanos(), remaining),
                note.isEmpty(),
                note);
    }

    /** Returns why the backend may not get such requests; empty if it may. */
    private String closedNote(BackendSnapshot snapshot, ModelHealth model, long nowNanos) {
        if (snapshot.health() != Health.HEALTHY) {
            return snapshot.reason();
        }
        if (model.isEjected()) {
            ModelHealth.Ejected ejected = model.ejection().get();
            return "model ejected" + timeLeft(ejected.untilNanos(), nowNanos) + ": " + ejected.reason();
        }
        Parking parking = snapshot.parked().get(kind.requestClass().model());
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
     * Returns the factor by which failures of the model raise the cost. The success share is squared, because a failure costs its
     * own time and then that of another, slower backend.
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
            boolean modelIsOut = entry.model.isEjected()
                    || entry.snapshot.parked().containsKey(kind.requestClass().model());
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
        entries.stream()
                .filter(entry -> entry.snapshot.health() == Health.HEALTHY || entry.snapshot.ejected())
                .forEach(entry -> entry.open = true);
        if (!isAnyOpen(entries)) {
            open(entries, Health.UNHEALTHY);
        }
        return isAnyOpen(entries);
    }

    private static boolean isAnyOpen(List<PlanEntry> entries) {
        return entries.stream().anyMatch(entry -> entry.open);
    }

    private static void open(List<PlanEntry> entries, Health health) {
        entries.stream().filter(entry -> entry.snapshot.health() == health).forEach(entry -> entry.open = true);
    }

    private double tolerance(List<PlanEntry> entries) {
        double best = entries.stream()
                .filter(entry -> entry.preferred)
                .mapToDouble(entry -> entry.cost)
                .min()
                .orElse(1);
        return routing.tolerance().nanos((long) best) / best;
    }
}
