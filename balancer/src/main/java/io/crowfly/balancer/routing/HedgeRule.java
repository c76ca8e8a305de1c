package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;

/**
 * Rule that decides when a slow attempt gets a hedge, and at which backend (Dean and Barroso, "The Tail at Scale", CACM
 * 2013). The budget limits the number of hedges. Stateless; allocates nothing. The policy simulator uses the rule too.
 */
public final class HedgeRule {

    /**
     * Factor on the service time of a single request in ordinary times, above which a backend counts as near its limit.
     * A hedge there would slow other requests.
     */
    private static final double NEAR_LIMIT_FACTOR = 1.3;

    private HedgeRule() {}

    /**
     * Returns the wait after which an attempt gets a hedge, in nanoseconds; {@link Long#MAX_VALUE} without a forecast.
     *
     * <p>The wait is the 95th percentile of the forecast. In simulations with budgets from 1 to 10 %, no other delay
     * had a lower 99th percentile. The uncertainty of a forecast from live requests is left out, because a late hedge
     * helps less.
     */
    public static long delayNanos(Prediction prediction) {
        if (!prediction.known()) {
            return Long.MAX_VALUE;
        }
        return prediction.basis() == Basis.LIVE ? prediction.overdueNanos() : prediction.quantileNanos(Prediction.P95);
    }

    /**
     * Returns the place of the candidate for a hedge, or {@link Chooser#NONE}: of the first tier with a suitable
     * candidate the cheapest at its present load. These are not suitable:
     *
     * <ul>
     *   <li>a candidate near its limit, or in its slow start.
     *   <li>a candidate whose forecast is longer than the request has already waited: the slow attempt will probably
     *       respond earlier.
     *   <li>a candidate in a tier with a higher number than the tried ones, before the request has also waited for the
     *       tolerance.
     * </ul>
     *
     * @param tried places of the attempts, in any order
     * @param count number of valid elements in {@code tried}
     * @param waitedNanos wait of the slow attempt
     * @param tierToleranceNanos {@code routing.tier-tolerance}
     */
    public static int place(
            Candidates candidates,
            InFlightCounts load,
            int[] tried,
            int count,
            long waitedNanos,
            long tierToleranceNanos) {
        int triedTier = lowestTier(candidates, tried, count);
        int best = Chooser.NONE;
        double least = Double.POSITIVE_INFINITY;
        for (int place = 0; place < candidates.openCount(); place++) {
            Candidate candidate = candidates.list().get(place);
            if (best != Chooser.NONE
                    && tier(candidate) != tier(candidates.list().get(best))) {
                break;
            }
            long inFlight = load.inFlight(candidate.index()) + 1;
            double cost = candidate.cost().nanosAt(inFlight);
            long usefulWaitNanos = tier(candidate) > triedTier ? waitedNanos - tierToleranceNanos : waitedNanos;
            if (cost < least
                    && !Chooser.contains(tried, count, place)
                    && isUseful(candidate, inFlight, usefulWaitNanos)) {
                best = place;
                least = cost;
            }
        }
        return best;
    }

    private static int lowestTier(Candidates candidates, int[] tried, int count) {
        int lowest = Integer.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (tried[i] != Chooser.NONE) {
                lowest = Math.min(lowest, tier(candidates.list().get(tried[i])));
            }
        }
        return lowest;
    }

    private static int tier(Candidate candidate) {
        return candidate.snapshot().backend().tier();
    }

    private static boolean isUseful(Candidate candidate, long inFlight, long waitedNanos) {
        Prediction prediction = candidate.predictionAt(inFlight);
        return prediction.known()
                && prediction.meanNanos() < waitedNanos
                && !candidate.returning()
                && !isNearLimit(candidate, inFlight);
    }

    /**
     * Returns whether the backend is slower than in ordinary times, or would be with this number of our requests in
     * flight. A number beyond the known part of the load curve counts as near the limit too.
     */
    private static boolean isNearLimit(Candidate candidate, long inFlight) {
        double slowdown = candidate.forecast().prediction().logService()
                - candidate.forecast().ordinaryLogService();
        double factor = candidate.forecast().loadCurve().factor(inFlight) * StrictMath.exp(slowdown);
        return inFlight > candidate.forecast().loadCurve().knownInFlight() || factor > NEAR_LIMIT_FACTOR;
    }
}
