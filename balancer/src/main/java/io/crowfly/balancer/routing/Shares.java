package io.crowfly.balancer.routing;

import java.util.Arrays;

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
     * A backend that has come back, from whatever kept it out, is filled over some seconds (slow start), as long as others
     * can take the rest. One that was only slower than others, and now isn't, needs no such care: its weight grows from what
     * was left of it.
     *
     * [1] J. G. Wardrop, "Some Theoretical Aspects of Road Traffic Research", 1952.
     * [2] S. Fischer, H. Räcke, B. Vöcking, "Fast Convergence to Wardrop Equilibria by Adaptive Sampling Methods", STOC 2006.
     */

    /** Rate per second at which weight falls, for a cost that is above the best by its whole. */
    private static final double RATE = Double.parseDouble(System.getProperty("rate", "2"));

    /** From here on differences are less and less our own doing, and the rate grows with their square. */
    private static final double DOUBTFUL = Double.parseDouble(System.getProperty("doubt", "0.25"));

    /** Differences of less than so many deviations are as if there were none. */
    private static final double ERROR = Double.parseDouble(System.getProperty("err", "0.7"));

    /** Weight that stays, so that it can grow again; shares below {@link #LEAST} are not sent. */
    private static final double FLOOR = 0.01;

    /** The floor falls by a factor of e for each tenth that a cost is above the best: what is nearly as good is back sooner. */
    private static final double FLOOR_SLOPE = 10;

    private static final double LEAST = 0.02;

    private static final double SLOW_START_SHARE = 0.05;
    private static final double SLOW_START_SECONDS = 5;

    /** After a longer time than this without a plan, weights are as good as old. */
    private static final double LONGEST_STEP_SECONDS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double[] weights;
    private final double[] shares;
    private boolean begun;
    private long plannedAtNanos;

    /** @param backends how many there are in the conf */
    Shares(int backends) {
        weights = new double[backends];
        shares = new double[backends];
    }

    /**
     * @param costs by the backend's place in the conf; positive infinity for one that is not to be used
     * @param uncertainties standard deviations of what is believed about them, as shares of them
     * @param tolerance how much dearer a backend may be taken to be for having all the requests, as a share of its cost
     * @param spare the same of those that take what can't be given to the others yet
     * @param returnedAtNanos when each came back
     * @return shares in the same order, summing to 1 if any cost is finite; ours, and valid until the next call
     */
    double[] plan(
            double[] costs,
            double[] uncertainties,
            double tolerance,
            double[] spare,
            long[] returnedAtNanos,
            long nowNanos) {
        if (!begun) {
            begun = Double.isFinite(best(costs));
            begin(costs);
        } else {
            double seconds = Math.min(LONGEST_STEP_SECONDS, (nowNanos - plannedAtNanos) / NANOS_PER_SECOND);
            move(costs, uncertainties, tolerance, Math.max(0, seconds));
        }
        plannedAtNanos = nowNanos;
        publish(costs, spare, returnedAtNanos, nowNanos);
        return shares;
    }

    private void begin(double[] costs) {
        double best = best(costs);
        for (int i = 0; i < costs.length; i++) {
            weights[i] = Double.isFinite(costs[i]) ? StrictMath.exp(-FLOOR_SLOPE * (costs[i] - best) / best) : 0;
        }
        normalize(weights);
    }

    private void move(double[] plain, double[] uncertainties, double tolerance, double seconds) {
        double[] costs = new double[plain.length];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = plain[i] * (1 + tolerance * weights[i]);
        }
        int best = bestPlace(costs);
        if (best < 0) {
            Arrays.fill(weights, 0);
            return;
        }
        for (int i = 0; i < costs.length; i++) {
            if (Double.isFinite(costs[i])) {
                double above = above(costs, uncertainties, i, best);
                weights[i] *= StrictMath.exp(-RATE * above * (1 + above * above / (DOUBTFUL * DOUBTFUL)) * seconds);
            } else {
                weights[i] = 0;
            }
        }
        raiseToFloor(plain, best(plain));
        normalize(weights);
    }

    /** How far a cost is above the best, beyond what may be error, as a share of it. */
    private static double above(double[] costs, double[] uncertainties, int place, int best) {
        double difference = (costs[place] - costs[best]) / costs[best];
        double error = StrictMath.sqrt(
                uncertainties[place] * uncertainties[place] + uncertainties[best] * uncertainties[best]);
        return Math.max(0, difference - ERROR * error);
    }

    private static int bestPlace(double[] costs) {
        int best = -1;
        for (int i = 0; i < costs.length; i++) {
            if (Double.isFinite(costs[i]) && (best < 0 || costs[i] < costs[best])) {
                best = i;
            }
        }
        return best;
    }

    private void raiseToFloor(double[] costs, double best) {
        for (int i = 0; i < costs.length; i++) {
            if (Double.isFinite(costs[i])) {
                double floor = FLOOR * StrictMath.exp(-FLOOR_SLOPE * (costs[i] - best) / best);
                weights[i] = Math.max(weights[i], floor);
            }
        }
    }

    /** Cuts what is too little to send, and holds back those that have just returned. */
    private void publish(double[] costs, double[] spare, long[] returnedAtNanos, long nowNanos) {
        for (int i = 0; i < costs.length; i++) {
            shares[i] = weights[i] < LEAST ? 0 : weights[i];
        }
        normalize(shares);
        double heldBack = 0;
        double[] takers = new double[costs.length];
        for (int i = 0; i < costs.length; i++) {
            double most = slowStart(nowNanos, returnedAtNanos[i]);
            if (shares[i] > most) {
                heldBack += shares[i] - most;
                shares[i] = most;
            } else if (most >= 1 && Double.isFinite(costs[i])) {
                takers[i] = weights[i];
            }
        }
        if (heldBack > 0) {
            giveTo(takers, spare, heldBack);
        }
    }

    /** To those of the same rank by their weights, or else to the spare ones, or else to nobody but those that have it. */
    private void giveTo(double[] takers, double[] spare, double heldBack) {
        if (Arrays.stream(takers).sum() == 0) {
            double best = best(spare);
            for (int i = 0; i < takers.length; i++) {
                takers[i] = Double.isFinite(spare[i]) ? StrictMath.exp(-FLOOR_SLOPE * (spare[i] - best) / best) : 0;
            }
        }
        double sum = Arrays.stream(takers).sum();
        for (int i = 0; i < takers.length && sum > 0; i++) {
            shares[i] += heldBack * takers[i] / sum;
        }
        normalize(shares);
    }

    private static double slowStart(long nowNanos, long returnedAtNanos) {
        if (returnedAtNanos == Long.MIN_VALUE) {
            return 1;
        }
        double part = (nowNanos - returnedAtNanos) / NANOS_PER_SECOND / SLOW_START_SECONDS;
        return part >= 1 ? 1 : SLOW_START_SHARE * StrictMath.exp(-StrictMath.log(SLOW_START_SHARE) * Math.max(0, part));
    }

    private static double best(double[] costs) {
        double best = Double.POSITIVE_INFINITY;
        for (double cost : costs) {
            best = Math.min(best, cost);
        }
        return best;
    }

    private static void normalize(double[] values) {
        double sum = Arrays.stream(values).sum();
        for (int i = 0; i < values.length && sum > 0; i++) {
            values[i] /= sum;
        }
    }
}
