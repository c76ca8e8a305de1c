package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.balancer.routing.RoutingTable.Kind;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Parking;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One kind of request: its candidates, publication by publication, and how far its shares have moved. The steps: what is
 * each backend's cost, which are open, which tier is to be used, how its backends share, what should be explored. Confined
 * to one thread at a time.
 */
final class Plan {

    private static final Comparator<Entry> BEST_FIRST = Comparator.comparing((Entry entry) -> !entry.open)
            .thenComparing(entry -> !entry.preferred)
            .thenComparingInt(entry -> entry.tier)
            .thenComparingDouble(entry -> entry.cost)
            .thenComparingInt(entry -> entry.index);

    /** However badly a backend fares, its cost is a number. */
    private static final double MOST_FAILURES = 0.9;

    private final Kind kind;
    private final Conf conf;
    private final Routing routing;
    private final List<Integer> eligible;
    private final boolean served;
    private final Optional<String> rule;

    private final Tiers tiers;
    private final Shares shares;
    private final Explorer explorer;

    /**
     * What follows upon the first token, as far as it counts.
     *
     * @param usualTokenNanos at the other backends: what is unknown of one must not make it look better than they are
     */
    private record Rest(double tokens, double usualTokenNanos) {

        double nanos(Prediction prediction) {
            long own = prediction.tokenNanos();
            return tokens * (own == ProbeTimes.ABSENT ? usualTokenNanos : own);
        }
    }

    /**
     * @param eligible places in the conf of the backends that such requests may use
     * @param served whether any backend serves them, whatever the rule says
     */
    Plan(Kind kind, Conf conf, List<Integer> eligible, boolean served, Optional<String> rule) {
        this.kind = kind;
        this.conf = conf;
        this.routing = conf.routing();
        this.eligible = List.copyOf(eligible);
        this.served = served;
        this.rule = rule;
        tiers = new Tiers(routing.tierTolerance().nanos());
        shares = new Shares(conf.backends().size());
        explorer = new Explorer(routing.exploration(), routing.tierTolerance().nanos());
    }

    /**
     * @param standings by place in the conf
     * @param sizeEffect of this kind's size on the service time
     * @param tokens expected in an answer
     */
    Candidates candidates(
            List<Optional<Standing>> standings, double sizeEffect, double tokens, InFlight load, long nowNanos) {
        Rest rest = rest(standings, tokens);
        List<Entry> entries = new ArrayList<>(eligible.size());
        for (int index : eligible) {
            standings
                    .get(index)
                    .ifPresent(standing -> entries.add(entry(index, standing, sizeEffect, rest, load, nowNanos)));
        }
        boolean panic = openOthersIfNoneIs(entries);
        tiers.choose(entries, nowNanos);
        shares.plan(entries, tolerance(entries), tiers.returnedAtNanos(), nowNanos);
        entries.sort(BEST_FIRST);
        int open = (int) entries.stream().filter(entry -> entry.open).count();
        long band = open == 0 ? 0 : routing.tolerance().nanos((long) entries.get(0).cost);
        Exploration exploration =
                routing.exploration() > 0 && open > 1 ? explorer.choose(entries, nowNanos) : Exploration.NONE;
        List<Candidate> list = entries.stream().map(Plan::candidate).toList();
        return new Candidates(routing.policy(), list, open, served, panic, rule, band, exploration);
    }

    private Rest rest(List<Optional<Standing>> standings, double tokens) {
        if (routing.objective() != Objective.COMPLETION) {
            return new Rest(0, 0);
        }
        double usual = eligible.stream()
                .flatMap(index -> standings.get(index).stream())
                .mapToLong(standing ->
                        standing.outlook(kind.requestClass()).prediction().tokenNanos())
                .filter(nanos -> nanos != ProbeTimes.ABSENT)
                .average()
                .orElse(0);
        return new Rest(tokens, usual);
    }

    private static Candidate candidate(Entry entry) {
        return new Candidate(
                entry.index, entry.standing.withoutClasses(), entry.outlook, entry.byLoad, entry.share, entry.note);
    }

    private Entry entry(int index, Standing standing, double sizeEffect, Rest rest, InFlight load, long nowNanos) {
        Outlook outlook = standing.outlook(kind.requestClass()).atSize(sizeEffect);
        Parking parking = standing.parked().get(kind.requestClass().model());
        String note = "";
        if (standing.health() != Health.HEALTHY) {
            note = standing.reason();
        } else if (parking != null) {
            note = "parked for " + Math.max(0, (parking.untilNanos() - nowNanos) / 1_000_000) + " ms: "
                    + parking.reason();
        }
        return new Entry(
                index,
                conf.backends().get(index).tier(),
                standing,
                outlook,
                cost(standing, outlook, rest),
                load.inFlight(index),
                cost(standing, outlook.prediction(), outlook.hopedNanos(), rest),
                uncertainty(outlook.prediction()),
                note.isEmpty(),
                note);
    }

    private Cost cost(Standing standing, Outlook outlook, Rest rest) {
        Prediction prediction = outlook.prediction();
        return new Cost(
                cost(standing, prediction, outlook.ordinaryNanos(), rest),
                cost(standing, prediction, prediction.meanNanos(), rest),
                prediction.networkNanos() * failing(standing),
                outlook.usualLoad(),
                outlook.room());
    }

    private static double cost(Standing standing, Prediction prediction, double firstTokenNanos, Rest rest) {
        return (firstTokenNanos + rest.nanos(prediction)) * failing(standing);
    }

    /** A failure costs its own time and then another backend's, which is slower: more than once over. */
    private static double failing(Standing standing) {
        double works = 1 - Math.min(standing.failureShare(), MOST_FAILURES);
        return 1 / (works * works);
    }

    /** Only the service time is uncertain. */
    private static double uncertainty(Prediction prediction) {
        double mean = prediction.meanNanos();
        return prediction.uncertainty() * (mean - prediction.networkNanos()) / mean;
    }

    /** @return whether those that are open now should rather not be used */
    private boolean openOthersIfNoneIs(List<Entry> entries) {
        if (isAnyOpen(entries)) {
            return false;
        }
        // No probe has judged them yet: an instance that has just started had better try than refuse.
        open(entries, Health.UNKNOWN);
        if (isAnyOpen(entries) || !routing.panic()) {
            return false;
        }
        // One that is only parked, or whose probes pass though requests have failed, may work, if anything does.
        entries.stream()
                .filter(entry -> entry.standing.health() == Health.HEALTHY || entry.standing.ejected())
                .forEach(entry -> entry.open = true);
        if (!isAnyOpen(entries)) {
            open(entries, Health.UNHEALTHY);
        }
        return isAnyOpen(entries);
    }

    private static boolean isAnyOpen(List<Entry> entries) {
        return entries.stream().anyMatch(entry -> entry.open);
    }

    private static void open(List<Entry> entries, Health health) {
        entries.stream().filter(entry -> entry.standing.health() == health).forEach(entry -> entry.open = true);
    }

    private double tolerance(List<Entry> entries) {
        double best = entries.stream()
                .filter(entry -> entry.preferred)
                .mapToDouble(entry -> entry.cost)
                .min()
                .orElse(1);
        return routing.tolerance().nanos((long) best) / best;
    }
}
