package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Policy;
import java.util.List;
import java.util.random.RandomGenerator;

/*
 * All expensive work is done when the candidates are computed. A decision is a draw by shares with one random number.
 *
 * If two draws have about equal costs, present facts decide: an idle connection, then the requests in flight. These
 * numbers are compared relative to the shares. This keeps the shares exact in the long run and reduces random clusters
 * in the short run (Mitzenmacher's power of two choices).
 */

/**
 * Chooser of a candidate backend for each attempt: by a random draw with the candidates' shares, corrected by present
 * load. Each event loop has its own; not thread-safe. Allocates nothing.
 */
public final class Chooser {

    /** Result if no candidate is left. */
    public static final int NONE = -1;

    /**
     * Maximum number of candidates that are compared, which limits the time of a decision. Candidates further down are
     * hardly ever the best.
     */
    private static final int MAX_COMPARED = 8;

    /**
     * Gain from which a request goes to another candidate than the drawn one, in tolerances. Below one, because the
     * shares do not see a gain of this kind.
     */
    private static final double GAIN_TOLERANCES = 0.3;

    /**
     * Number of standard deviations of its error from which a gain is certain. With less, edges that share backends
     * could move at the same time (scenario saturation-40-edges).
     */
    private static final double CERTAIN_DEVIATIONS = 2;

    /** Reason of a {@linkplain #chooseFirst first} choice, for operators. */
    public enum Reason {
        /** The backend was drawn by its share, or is the only open backend. */
        SHARE,
        /** Another backend than the drawn one was chosen, because it is cheaper at the present load. */
        CHEAPER_NOW,
        /**
         * A backend of another than the preferred tier was chosen, because the preferred one has no room at the present
         * load, or is in slow start.
         */
        OVERFLOW,
        /** A backend that gets no requests was chosen, to update its forecast. */
        EXPLORATION,
        /** A policy other than the lowest latency decided. */
        POLICY
    }

    private final RandomGenerator random;
    private Reason reason = Reason.SHARE;
    /** Sum of the exploration shares of the requests that are not yet in the shared budget. */
    private double credit;
    /** Place in the conf of the backend that the round-robin policy chose last. */
    private int lastTurnIndex = -1;

    public Chooser(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Returns the place of the candidate for a request's first attempt, or {@link #NONE}.
     *
     * @param mayExplore whether the request may be used for exploration; it must be repeatable
     */
    public int chooseFirst(Candidates candidates, BackendLoad load, boolean mayExplore) {
        reason = candidates.policy() == Policy.LOWEST_LATENCY ? Reason.SHARE : Reason.POLICY;
        if (candidates.openCount() <= 1) {
            return candidates.openCount() - 1; // NONE
        }
        return switch (candidates.policy()) {
            case LOWEST_LATENCY -> lowestLatency(candidates, load, mayExplore);
            case LEAST_REQUESTS ->
                fewerInFlight(
                        candidates.list(),
                        load,
                        random.nextInt(candidates.openCount()),
                        random.nextInt(candidates.openCount()));
            case ROUND_ROBIN -> nextInTurn(candidates);
            case WEIGHTED -> candidates.sampler().placeOf(random.nextDouble());
        };
    }

    /** Returns the reason of the last {@link #chooseFirst}. */
    public Reason reason() {
        return reason;
    }

    private int lowestLatency(Candidates candidates, BackendLoad load, boolean mayExplore) {
        if (mayExplore) {
            credit = Math.min(
                    ExplorationBudget.MAX, credit + candidates.exploration().share());
            if (candidates.exploration().isDue()) {
                double added = credit;
                credit = 0;
                if (candidates.exploration().tryTake(added)) {
                    reason = Reason.EXPLORATION;
                    return candidates.exploration().place();
                }
            }
        }
        int chosen = drawnOrCheaper(candidates, load);
        int withRoom = withRoom(candidates, load, chosen);
        if (withRoom >= candidates.tiers().preferredCount()) {
            reason = Reason.OVERFLOW;
        } else if (withRoom != chosen) {
            reason = Reason.CHEAPER_NOW;
        }
        return withRoom;
    }

    private int drawnOrCheaper(Candidates candidates, BackendLoad load) {
        int one = candidates.sampler().placeOf(random.nextDouble());
        int cheaper = cheaperNow(candidates, load, one);
        if (cheaper != one) {
            reason = Reason.CHEAPER_NOW;
            return cheaper;
        }
        int other = candidates.sampler().placeOf(random.nextDouble());
        return one == other || !areEquivalent(candidates, one, other)
                ? one
                : better(candidates.list(), load, one, other);
    }

    /**
     * Returns the place of the cheapest candidate of the drawn one's tier at the present load, or the drawn place if
     * that gains too little.
     */
    private static int cheaperNow(Candidates candidates, BackendLoad load, int drawn) {
        List<Candidate> list = candidates.list();
        Candidate candidate = list.get(drawn);
        double cost = costNow(candidate, load);
        double minGain = GAIN_TOLERANCES * candidates.toleranceNanos();
        double least = cost - minGain;
        int best = drawn;
        int tier = tier(candidate);
        int compared = Math.min(candidates.openCount(), MAX_COMPARED);
        for (int place = 0; place < compared; place++) {
            Candidate other = list.get(place);
            double otherCost = costNow(other, load);
            if (otherCost < least && mayTakeMore(other, candidate) && tier(other) == tier) {
                least = otherCost;
                best = place;
            }
        }
        return best != drawn
                        && isWorthMoving(candidate.cost(), cost, list.get(best).cost(), least, minGain)
                ? best
                : drawn;
    }

    /** Returns whether a candidate may get a request that was drawn for another one: not in its slow start. */
    private static boolean mayTakeMore(Candidate candidate, Candidate drawn) {
        return !candidate.returning() || drawn.returning();
    }

    /**
     * Returns whether a request should go to another candidate than the drawn one. Our own requests in flight may be
     * the reason for the gain: a difference that is also in the planned costs is left to the shares, so that many edges
     * do not move at the same time. Or the whole gain is certain, so that waiting for the shares would only cost time.
     */
    private static boolean isWorthMoving(Cost drawn, double drawnNanos, Cost other, double otherNanos, double minGain) {
        double gain = drawnNanos - otherNanos - minGain;
        double planned = Math.max(0, drawn.plannedNanos() - other.plannedNanos());
        if (gain > planned) {
            return true;
        }
        double error = drawn.uncertainty() * drawnNanos;
        double otherError = other.uncertainty() * otherNanos;
        double certain = CERTAIN_DEVIATIONS * CERTAIN_DEVIATIONS * (error * error + otherError * otherError);
        return gain > 0 && gain * gain > certain;
    }

    /**
     * Returns the chosen place if its cost is certainly low enough. Otherwise returns the cheapest place of its tier,
     * if the tier has room for the request: its least cost at the present load exceeds that of no other tier by more
     * than the tolerance. If the tier has no room, returns the cheapest place of the other tier.
     */
    private static int withRoom(Candidates candidates, BackendLoad load, int chosen) {
        List<Candidate> list = candidates.list();
        Tiers tiers = candidates.tiers();
        int preferred = tiers.preferredCount();
        if (preferred >= candidates.openCount()
                || chosen >= preferred
                || costNow(list.get(chosen), load) <= tiers.certainRoomNanos()) {
            return chosen;
        }
        Candidate drawn = list.get(chosen);
        int best = cheapestOfTier(list, load, chosen, Math.min(preferred, MAX_COMPARED));
        double least = costNow(list.get(best), load);
        int preferredTier = tier(drawn);
        int end = Math.min(candidates.openCount(), preferred + MAX_COMPARED);
        for (int place = preferred; place < end; place++) {
            Candidate other = list.get(place);
            double cost = costNow(other, load) + tiers.advantage(tier(other), preferredTier);
            if (cost < least && mayTakeMore(other, drawn)) {
                least = cost;
                best = place;
            }
        }
        return best;
    }

    /** Returns the cheapest of the first places that may take the request, or the chosen place. */
    private static int cheapestOfTier(List<Candidate> list, BackendLoad load, int chosen, int end) {
        int best = chosen;
        double least = costNow(list.get(chosen), load);
        for (int place = 0; place < end; place++) {
            double cost = costNow(list.get(place), load);
            if (cost < least && mayTakeMore(list.get(place), list.get(chosen))) {
                least = cost;
                best = place;
            }
        }
        return best;
    }

    private static double costNow(Candidate candidate, BackendLoad load) {
        return candidate.cost().nanosAt(load.inFlight(candidate.index()) + 1);
    }

    private static int tier(Candidate candidate) {
        return candidate.snapshot().backend().tier();
    }

    private static boolean areEquivalent(Candidates candidates, int one, int other) {
        double difference = candidates.list().get(one).cost().plannedNanos()
                - candidates.list().get(other).cost().plannedNanos();
        return Math.abs(difference) <= candidates.toleranceNanos();
    }

    private static int better(List<Candidate> list, BackendLoad load, int one, int other) {
        int first = list.get(one).index();
        int second = list.get(other).index();
        boolean firstIsIdle = load.hasIdleConnection(first);
        if (firstIsIdle != load.hasIdleConnection(second)) {
            return firstIsIdle ? one : other;
        }
        double loadOfOne = load.inFlight(first) * list.get(other).share();
        double loadOfOther = load.inFlight(second) * list.get(one).share();
        return loadOfOther < loadOfOne ? other : one;
    }

    /**
     * Returns the place of the next backend in turn. The turn goes by places in the conf, because places in the list
     * change.
     */
    private int nextInTurn(Candidates candidates) {
        int next = NONE;
        int first = 0;
        for (int place = 0; place < candidates.openCount(); place++) {
            int index = candidates.list().get(place).index();
            if (index < candidates.list().get(first).index()) {
                first = place;
            }
            if (index > lastTurnIndex
                    && (next == NONE || index < candidates.list().get(next).index())) {
                next = place;
            }
        }
        next = next == NONE ? first : next;
        lastTurnIndex = candidates.list().get(next).index();
        return next;
    }

    private static int fewerInFlight(List<Candidate> list, BackendLoad load, int one, int other) {
        return load.inFlight(list.get(other).index())
                        < load.inFlight(list.get(one).index())
                ? other
                : one;
    }

    /**
     * Returns the best open place that has not been tried, or {@link #NONE}.
     *
     * @param tried places, in any order
     * @param count number of valid elements in {@code tried}
     */
    public int chooseNext(Candidates candidates, int[] tried, int count) {
        for (int place = 0; place < candidates.openCount(); place++) {
            if (!contains(tried, count, place)) {
                return place;
            }
        }
        return NONE;
    }

    static boolean contains(int[] places, int count, int place) {
        for (int i = 0; i < count; i++) {
            if (places[i] == place) {
                return true;
            }
        }
        return false;
    }
}
