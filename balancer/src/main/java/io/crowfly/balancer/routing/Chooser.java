package io.crowfly.balancer.routing;

import java.util.random.RandomGenerator;

/**
 * Picks from candidates, request by request. One for each loop: not for several threads. Allocates nothing.
 */
public final class Chooser {

    /** There is no candidate left. */
    public static final int NONE = -1;

    private final RandomGenerator random;

    public Chooser(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The place of the candidate that a request should go to first.
     *
     * @param mayExplore whether the request may go to a backend for the sake of knowing it: one that can be repeated
     */
    public int first(Candidates candidates, boolean mayExplore) {
        return candidates.list().isEmpty() ? NONE : 0;
    }

    /**
     * The best place that has not been tried.
     *
     * @param tried places, in any order
     * @param count how many of {@code tried} count
     */
    public int next(Candidates candidates, int[] tried, int count) {
        for (int place = 0; place < candidates.list().size(); place++) {
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
