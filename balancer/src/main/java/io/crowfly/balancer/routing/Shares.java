package io.crowfly.balancer.routing;

import java.util.Arrays;
import java.util.List;

/**
 * How one kind of request is shared out among the backends that it may go to, and how that changes as their costs do.
 * Confined to one thread.
 */
final class Shares {

    /*
     * Sending everything to the cheapest backend at once is right for one edge whose requests don't slow anybody down. Forty
     * edges that do so, each upon the same news, slow the backend down that was the fastest, then all leave it together, and
     * so on. What they must find is the division at which no backend is faster than another that is used (Wardrop [1]), and
     * the replicator's rule [2] finds it: a backend's weight falls at a rate in proportion to how far its cost is above the
     * best one's. Differences of a few percent, which may be our own doing, move traffic over many seconds; a difference that
     * is beyond doubt moves it at once. One edge whose requests slow nobody down ends at the same place by the same rule: all
     * of it at the cheapest.
     *
     * Two things are taken off a difference: what may be error, or noise would be followed; and the tolerance, in proportion
     * to the shares, so that backends which are as good as equal are drawn to equal shares, not left wherever chance put them.
     *
     * A backend that has come back, from whatever kept it out, gets the share again that it had, over some seconds (slow
     * start) as long as others can take the rest.
     *
     * [1] J. G. Wardrop, "Some Theoretical Aspects of Road Traffic Research", 1952.
     * [2] S. Fischer, H. Räcke, B. Vöcking, "Fast Convergence to Wardrop Equilibria by Adaptive Sampling Methods", STOC 2006.
     */

    /** Rate per second at which weight falls, for a cost that is above the best by its whole. */
    private static final double RATE = 4;

    /** From here on differences are less and less our own doing, and the rate grows with their cube. */
    private static final double DOUBTFUL = 0.3;

    /** Differences of less than so many deviations are as if there were none. */
    private static final double ERROR = 0.7;

    /** Weight that stays, so that it can grow again; shares below {@link #LEAST} are not sent. */
    private static final double FLOOR = 0.01;

    /** The floor falls by a factor of e for each tenth that a cost is above the best: what is nearly as good is back sooner. */
    private static final double FLOOR_SLOPE = 10;

    private static final double LEAST = 0.02;

    /** Of more than fifty backends that are as good as equal none gets {@link #LEAST}: then it is this part of the largest. */
    private static final double LEAST_OF_LARGEST = 0.5;

    private static final double SLOW_START_SHARE = 0.05;
    private static final double SLOW_START_SECONDS = 5;

    /** So much dearer than in ordinary times is a backend not well, and so much it may still be when it is well again. */
    private static final double NOT_WELL = 1.6;

    private static final double WELL_AGAIN = 1.2;

    /** So much dearer than the best is a backend no help in filling that one gently. */
    private static final double DEAR = 1.5;

    private static final double MEMORY_SECONDS = 60;

    /** After a longer time than this without a plan, weights are as good as old. */
    private static final double LONGEST_STEP_SECONDS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Member[] members;
    private boolean begun;
    private long plannedAtNanos;

    /** What is remembered of one backend. */
    private static final class Member {
        private double weight;
        /** A mean of it over the time that it was well. */
        private double usual;

        private boolean well = true;
        private long returnedAtNanos = Long.MIN_VALUE;
    }

    /** @param backends how many there are in the conf */
    Shares(int backends) {
        members = new Member[backends];
        Arrays.setAll(members, place -> new Member());
    }

    /**
     * Sets the entries' shares, which sum to 1 if any is open.
     *
     * @param tolerance how much dearer a backend may be taken to be for having all the requests, as a share of its cost
     * @param tierReturnedAtNanos when those that are preferred began to be
     */
    void plan(List<Entry> entries, double tolerance, long tierReturnedAtNanos, long nowNanos) {
        double seconds = begun ? Math.min(LONGEST_STEP_SECONDS, (nowNanos - plannedAtNanos) / NANOS_PER_SECOND) : 0;
        plannedAtNanos = nowNanos;
        double best = best(entries);
        for (Entry entry : entries) {
            note(members[entry.index], entry, tierReturnedAtNanos, nowNanos);
            entry.share = 0;
        }
        if (!Double.isFinite(best)) {
            return;
        }
        if (begun) {
            move(entries, tolerance, Math.max(0, seconds));
        }
        for (Entry entry : entries) {
            Member member = members[entry.index];
            double floor = StrictMath.exp(-FLOOR_SLOPE * (entry.cost - best) / best);
            member.weight = entry.preferred ? Math.max(member.weight, begun ? FLOOR * floor : floor) : 0;
            if (member.well && isReturning(member, nowNanos)) {
                member.weight = Math.max(member.weight, member.usual);
            }
        }
        begun = true;
        normalizeWeights(entries);
        double forgotten = 1 - StrictMath.exp(-seconds / MEMORY_SECONDS);
        for (Entry entry : entries) {
            Member member = members[entry.index];
            if (member.well) {
                member.usual += (member.weight - member.usual) * forgotten;
            }
        }
        share(entries, nowNanos);
    }

    private static void note(Member member, Entry entry, long tierReturnedAtNanos, long nowNanos) {
        double limit = member.well ? NOT_WELL : WELL_AGAIN;
        boolean well = entry.preferred && entry.byLoad.nowNanos() < limit * entry.byLoad.ordinaryNanos();
        if (well && !member.well) {
            member.returnedAtNanos = nowNanos;
        }
        member.well = well;
        member.returnedAtNanos = Math.max(member.returnedAtNanos, entry.outlook.returnedAtNanos());
        if (entry.preferred) {
            member.returnedAtNanos = Math.max(member.returnedAtNanos, tierReturnedAtNanos);
        }
    }

    private static double best(List<Entry> entries) {
        double best = Double.POSITIVE_INFINITY;
        for (Entry entry : entries) {
            best = entry.preferred ? Math.min(best, entry.cost) : best;
        }
        return best;
    }

    private void move(List<Entry> entries, double tolerance, double seconds) {
        Entry best = null;
        for (Entry entry : entries) {
            if (entry.preferred && (best == null || priced(entry, tolerance) < priced(best, tolerance))) {
                best = entry;
            }
        }
        double least = priced(best, tolerance);
        for (Entry entry : entries) {
            double error = StrictMath.sqrt(entry.uncertainty * entry.uncertainty + best.uncertainty * best.uncertainty);
            double above = Math.max(0, (priced(entry, tolerance) - least) / least - ERROR * error);
            double doubt = above / DOUBTFUL;
            entry.moving = StrictMath.exp(-RATE * above * (1 + doubt * doubt) * seconds);
        }
        for (Entry entry : entries) {
            members[entry.index].weight *= entry.moving;
        }
    }

    private double priced(Entry entry, double tolerance) {
        return entry.cost * (1 + tolerance * members[entry.index].weight);
    }

    private void normalizeWeights(List<Entry> entries) {
        double sum = 0;
        for (Entry entry : entries) {
            sum += members[entry.index].weight;
        }
        for (Entry entry : entries) {
            members[entry.index].weight /= sum;
        }
    }

    /** Cuts what is too little to send, and holds back those that have just returned. */
    private void share(List<Entry> entries, long nowNanos) {
        double largest = 0;
        for (Entry entry : entries) {
            largest = Math.max(largest, members[entry.index].weight);
        }
        double least = Math.min(LEAST, LEAST_OF_LARGEST * largest);
        for (Entry entry : entries) {
            double weight = members[entry.index].weight;
            entry.share = weight < least ? 0 : weight;
        }
        normalize(entries);
        double best = best(entries);
        double heldBack = 0;
        double takers = 0;
        for (Entry entry : entries) {
            Member member = members[entry.index];
            if (isReturning(member, nowNanos)) {
                double most = slowStart(member, nowNanos);
                heldBack += Math.max(0, entry.share - most);
                entry.share = Math.min(entry.share, most);
            } else if (canTake(entry, best)) {
                takers += member.weight;
            }
        }
        if (heldBack > 0) {
            give(entries, best, heldBack, takers, nowNanos);
        }
    }

    /** To those of the same rank by their weights, or else to the other open ones, or else to nobody but those that have it. */
    private void give(List<Entry> entries, double best, double heldBack, double takers, long nowNanos) {
        double sum = takers;
        if (takers == 0) {
            for (Entry entry : entries) {
                sum += spare(entry, best);
            }
        }
        for (Entry entry : entries) {
            Member member = members[entry.index];
            double taken = takers == 0
                    ? spare(entry, best)
                    : isReturning(member, nowNanos) || !canTake(entry, best) ? 0 : member.weight;
            entry.share += sum == 0 ? 0 : heldBack * taken / sum;
        }
        normalize(entries);
    }

    /** One of another tier, by how cheap it is. */
    private static double spare(Entry entry, double best) {
        return entry.open && !entry.preferred && entry.cost < DEAR * best ? 1 / (entry.cost * entry.cost) : 0;
    }

    /** Rather fill one quickly than make a request wait so much longer elsewhere. */
    private static boolean canTake(Entry entry, double best) {
        return entry.preferred && entry.cost < DEAR * best;
    }

    private static void normalize(List<Entry> entries) {
        double sum = 0;
        for (Entry entry : entries) {
            sum += entry.share;
        }
        for (Entry entry : entries) {
            entry.share /= sum;
        }
    }

    private static boolean isReturning(Member member, long nowNanos) {
        return member.returnedAtNanos != Long.MIN_VALUE
                && nowNanos - member.returnedAtNanos < SLOW_START_SECONDS * NANOS_PER_SECOND;
    }

    /** The most that it may get, growing by equal factors in equal times. */
    private static double slowStart(Member member, long nowNanos) {
        double part = (nowNanos - member.returnedAtNanos) / NANOS_PER_SECOND / SLOW_START_SECONDS;
        return SLOW_START_SHARE * StrictMath.exp(-StrictMath.log(SLOW_START_SHARE) * Math.max(0, part));
    }
}
