package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import java.util.List;

/**
 * Sampler that draws a candidate's place with the probability of its share, in constant time. The interval from 0 to 1
 * is divided into equal parts, one for each place, and a guide table has the first place to check for each part (H.-C.
 * Chen, Y. Asau, "On Generating Random Variates from an Empirical Distribution", AIIE Transactions 6, 1974). A linear
 * search would check half of the places, too many with hundreds of equal backends. Immutable.
 *
 * <p>For few places all are checked instead, without a branch: the processor cannot predict the branches of a search
 * for a random number, and a wrong prediction takes longer than some comparisons.
 */
final class ShareSampler {

    /** Number of places up to which all are checked. */
    private static final int FEW = 8;

    private static final int[] NO_GUIDE = {};

    /** For each place, the sum of the shares up to and including that place. Ends at the last place with a share. */
    private final double[] cumulativeShares;

    /**
     * For each of the equal parts of 0 to 1, the first candidate to which a number in that part may belong. Empty for
     * few places.
     */
    private final int[] guide;

    ShareSampler(List<Candidate> list) {
        int count = 0;
        for (int place = 0; place < list.size(); place++) {
            count = list.get(place).share() > 0 ? place + 1 : count;
        }
        cumulativeShares = new double[count];
        double sum = 0;
        for (int place = 0; place < count; place++) {
            sum += list.get(place).share();
            cumulativeShares[place] = sum;
        }
        guide = count <= FEW ? NO_GUIDE : new int[count];
        int first = 0;
        for (int part = 0; part < guide.length; part++) {
            while (first < count - 1 && cumulativeShares[first] <= (double) part / count) {
                first++;
            }
            guide[part] = first;
        }
    }

    /**
     * Returns the place to which a random number belongs.
     *
     * @param number from 0 inclusive to 1 exclusive
     */
    int placeOf(double number) {
        int last = cumulativeShares.length - 1; // the sum of the shares may be slightly below one
        int place = 0;
        if (last < FEW) {
            for (int i = 0; i < last; i++) {
                place += number >= cumulativeShares[i] ? 1 : 0;
            }
            return place;
        }
        place = guide[(int) (number * guide.length)];
        while (place < last && number >= cumulativeShares[place]) {
            place++;
        }
        return place;
    }
}
