package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.conf.Policy;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import java.util.List;
import java.util.Optional;

/**
 * Candidates that a plan has published last. They are replaced only if new ones differ by enough to matter, because
 * most plans repeat the one before and would only make garbage. Confined to one thread.
 */
final class PublishedCandidates {

    /** Relative difference of a cost or of a share that does not matter: a tenth of the error of a good forecast. */
    private static final double NEGLIGIBLE = 0.005;

    /** Difference of an uncertainty that does not matter. */
    private static final double NEGLIGIBLE_UNCERTAINTY = 0.01;

    private final Policy policy;
    private final boolean served;
    private final Optional<String> rule;
    private Candidates last = Candidates.NONE;

    /** Array in which the next list of candidates is collected. */
    private Candidate[] buffer = {};

    /**
     * @param served whether any backend serves such requests, with or without the rule
     * @param rule name of the rule that restricts such requests
     */
    PublishedCandidates(Policy policy, boolean served, Optional<String> rule) {
        this.policy = policy;
        this.served = served;
        this.rule = rule;
    }

    /** Returns what was published last. */
    Candidates last() {
        return last;
    }

    /**
     * Publishes new candidates, unless they hardly differ from the last ones.
     *
     * @param entries in the order of the candidates
     * @param open number of open candidates, the first ones
     */
    void publish(
            List<PlanEntry> entries,
            int open,
            boolean panic,
            long toleranceNanos,
            Exploration exploration,
            Tiers tiers) {
        boolean same = last != Candidates.NONE
                && last.openCount() == open
                && last.panic() == panic
                && isClose(last.toleranceNanos(), toleranceNanos)
                && isLike(last.exploration(), exploration)
                && isLike(last.tiers(), tiers)
                && last.list().size() == entries.size();
        for (int place = 0; same && place < entries.size(); place++) {
            same = isLike(last.list().get(place), entries.get(place));
        }
        if (!same) {
            last = new Candidates(policy, list(entries), open, served, panic, rule, toleranceNanos, exploration, tiers);
        }
    }

    /** Candidates that are alike are the same objects as before, because copying them would only make garbage. */
    private List<Candidate> list(List<PlanEntry> entries) {
        if (buffer.length != entries.size()) {
            buffer = new Candidate[entries.size()];
        }
        for (int place = 0; place < buffer.length; place++) {
            PlanEntry entry = entries.get(place);
            boolean known = place < last.list().size() && isLike(last.list().get(place), entry);
            buffer[place] = known ? last.list().get(place) : candidate(entry);
        }
        return List.of(buffer); // a copy
    }

    private static boolean isLike(Exploration published, Exploration fresh) {
        return published.share() == fresh.share()
                && published.place() == fresh.place()
                && published.taken() == fresh.taken()
                && isClose(published.price(), fresh.price());
    }

    private static boolean isLike(Tiers published, Tiers fresh) {
        return published.preferredCount() == fresh.preferredCount()
                && published.toleranceNanos() == fresh.toleranceNanos()
                && published.otherIsFaster() == fresh.otherIsFaster()
                && published.overflow().equals(fresh.overflow())
                && (published.certainRoomNanos() == fresh.certainRoomNanos()
                        || isClose(published.certainRoomNanos(), fresh.certainRoomNanos()));
    }

    private static boolean isLike(Candidate published, PlanEntry entry) {
        return published.index() == entry.index
                && hasSameHealth(published, entry)
                && isClose(published.share(), entry.share)
                && published.returning() == entry.returning
                && (published.cost() == entry.costByLoad || isLike(published.cost(), entry.costByLoad))
                && (published.forecast() == entry.forecast || isLike(published.forecast(), entry.forecast));
    }

    private static boolean hasSameHealth(Candidate published, PlanEntry entry) {
        return published.note().equals(entry.note)
                && (published.snapshot() == entry.snapshot || hasSameHealth(published.snapshot(), entry.snapshot))
                && published.model().equals(entry.model);
    }

    private static boolean hasSameHealth(BackendSnapshot published, BackendSnapshot fresh) {
        return published.health() == fresh.health() && published.ejected() == fresh.ejected();
    }

    private static boolean isLike(Cost published, Cost fresh) {
        return published.loadCurve() == fresh.loadCurve()
                && isClose(published.singleNanos(), fresh.singleNanos())
                && isClose(published.fixedNanos(), fresh.fixedNanos())
                && isClose(published.plannedNanos(), fresh.plannedNanos())
                && Math.abs(published.uncertainty() - fresh.uncertainty()) <= NEGLIGIBLE_UNCERTAINTY;
    }

    private static boolean isLike(Forecast published, Forecast fresh) {
        // Hedges and the limit of a wait depend on the ordinary service time.
        return Math.abs(published.ordinaryLogService() - fresh.ordinaryLogService()) <= NEGLIGIBLE
                && isLike(published.prediction(), fresh.prediction());
    }

    private static boolean isLike(Prediction published, Prediction fresh) {
        return published.basis() == fresh.basis()
                && isClose(published.networkNanos(), fresh.networkNanos())
                && isClose(published.tokenNanos(), fresh.tokenNanos())
                && Math.abs(published.logService() - fresh.logService()) <= NEGLIGIBLE
                && Math.abs(published.spread() - fresh.spread()) <= NEGLIGIBLE
                && Math.abs(published.uncertainty() - fresh.uncertainty()) <= NEGLIGIBLE_UNCERTAINTY;
    }

    private static boolean isClose(double one, double other) {
        return Math.abs(one - other) <= NEGLIGIBLE * Math.max(Math.abs(one), Math.abs(other));
    }

    private static Candidate candidate(PlanEntry entry) {
        return new Candidate(
                entry.index,
                entry.snapshot,
                entry.model,
                entry.forecast,
                entry.costByLoad,
                entry.share,
                entry.returning,
                entry.note);
    }
}
