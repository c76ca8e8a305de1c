package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import java.util.List;

/**
 * Draws places by their shares, in a time that does not grow with their number: a guide tells for each of as many equal parts
 * of the way from 0 to 1 where to begin to look (H.-C. Chen, Y. Asau, "On Generating Random Variates from an Empirical
 * Distribution", AIIE Transactions 6, 1974). Of hundreds of backends that are as good as equal, half would have to be walked
 * along otherwise. Immutable.
 */
final class ShareSampler {

    /** By place, the sum of the shares so far, as far as there are any. */
    private final double[] cumulativeShares;

    /** By part, the first place that a number in it may fall to. */
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
        guide = new int[count];
        int first = 0;
        for (int part = 0; part < count; part++) {
            while (first < count - 1 && cumulativeShares[first] <= (double) part / count) {
                first++;
            }
            guide[part] = first;
        }
    }

    /** @param number from 0 up to 1, that one excluded */
    int placeOf(double number) {
        if (cumulativeShares.length == 0) {
            return 0;
        }
        int place = guide[(int) (number * guide.length)];
        int last = cumulativeShares.length - 1; // the shares' sum may be a hair below one
        while (place < last && number >= cumulativeShares[place]) {
            place++;
        }
        return place;
    }
}
