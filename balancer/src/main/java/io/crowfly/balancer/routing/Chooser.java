package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Policy;
import java.util.List;
import java.util.random.RandomGenerator;

/*
 * All that takes time to think about is in the candidates already, so a decision is a draw: a random number, and where it
 * falls among the shares. Two draws whose costs are as good as equal are decided by what is known now and was not then: a
 * connection that is open, and the requests in flight. Comparing those to the shares rather than plainly keeps the shares
 * true in the long run and takes out the chance of the short one (Mitzenmacher's two choices).
 */

/** Picks from candidates, request by request. One for each loop: not for several threads. Allocates nothing. */
public final class Chooser {

    /** There is no candidate left. */
    public static final int NONE = -1;

    /** Exploration that was not needed is not saved up for a burst of it. */
    private static final double MAX_CREDIT = 3;

    /** Backends further down are not worth the time that looking at all of them would take. */
    private static final int MAX_COMPARED = 8;

    /** What a {@linkplain #chooseFirst first} choice went by. */
    public enum Reason {
        /** There was one backend, or the one that was drawn by its share. */
        SHARE,
        /** The one that was drawn had become slower than another, by our own requests that it has in flight. */
        LESS_LOADED,
        /** To keep a backend known that gets no requests. */
        EXPLORATION,
        /** Another policy than the lowest latency. */
        POLICY
    }

    private final RandomGenerator random;
    private Reason reason = Reason.SHARE;
    private double credit;
    /** The place in the conf of the backend that had its turn last. */
    private int lastTurnIndex = -1;

    public Chooser(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The place of the candidate that a request should go to first.
     *
     * @param mayExplore whether the request may go to a backend for the sake of knowing it: one that can be repeated
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
            case ROUND_ROBIN, WEIGHTED -> nextInTurn(candidates);
        };
    }

    /** Of the last {@link #chooseFirst}. */
    public Reason reason() {
        return reason;
    }

    private int lowestLatency(Candidates candidates, BackendLoad load, boolean mayExplore) {
        if (mayExplore) {
            credit = Math.min(MAX_CREDIT, credit + candidates.exploration().share());
            if (credit >= 1 && candidates.exploration().tryTake()) {
                credit--;
                reason = Reason.EXPLORATION;
                return candidates.exploration().place();
            }
        }
        int one = candidates.sampler().placeOf(random.nextDouble());
        int lessLoaded = lessLoaded(candidates, load, one);
        if (lessLoaded != one) {
            reason = Reason.LESS_LOADED;
            return lessLoaded;
        }
        int other = candidates.sampler().placeOf(random.nextDouble());
        return one == other || !areEquivalent(candidates, one, other)
                ? one
                : better(candidates.list(), load, one, other);
    }

    /** The same place, unless our own requests have made it slower than planned, and another is faster now. */
    private static int lessLoaded(Candidates candidates, BackendLoad load, int drawn) {
        List<Candidate> list = candidates.list();
        Candidate candidate = list.get(drawn);
        double cost = candidate.cost().nanosAt(load.inFlight(candidate.index()) + 1);
        if (cost <= candidate.cost().currentNanos() + candidates.toleranceNanos()) {
            return drawn;
        }
        int best = drawn;
        double least = cost - candidates.toleranceNanos();
        int compared = Math.min(candidates.openCount(), MAX_COMPARED);
        for (int place = 0; place < compared; place++) {
            Candidate other = list.get(place);
            double otherCost = other.cost().nanosAt(load.inFlight(other.index()) + 1);
            if (otherCost < least && tier(other) == tier(candidate)) {
                least = otherCost;
                best = place;
            }
        }
        return best;
    }

    private static int tier(Candidate candidate) {
        return candidate.snapshot().backend().tier();
    }

    private static boolean areEquivalent(Candidates candidates, int one, int other) {
        double difference = candidates.list().get(one).cost().currentNanos()
                - candidates.list().get(other).cost().currentNanos();
        return Math.abs(difference) <= candidates.toleranceNanos();
    }

    private static int better(List<Candidate> list, BackendLoad load, int one, int other) {
        int first = list.get(one).index();
        int second = list.get(other).index();
        boolean warm = load.hasIdleConnection(first);
        if (warm != load.hasIdleConnection(second)) {
            return warm ? one : other;
        }
        double loadOfOne = load.inFlight(first) * list.get(other).share();
        double loadOfOther = load.inFlight(second) * list.get(one).share();
        return loadOfOther < loadOfOne ? other : one;
    }

    /** By their places in the conf, since those in the list move. */
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
     * The best place that has not been tried.
     *
     * @param tried places, in any order
     * @param count how many of {@code tried} count
     */
    public int chooseNext(Candidates candidates, int[] tried, int count) {
        for (int place = 0; place < candidates.openCount(); place++) {
            if (!contains(tried, count, place)) {
                return place;
            }
        }
        return NONE;
    }

    private static boolean contains(int[] places, int count, int place) {
        for (int i = 0; i < count; i++) {
            if (places[i] == place) {
                return true;
            }
        }
        return false;
    }
}
