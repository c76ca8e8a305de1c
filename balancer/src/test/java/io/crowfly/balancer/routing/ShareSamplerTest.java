package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.balancer.routing.Candidates.Candidate;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShareSamplerTest {

    private static final double LAST_BELOW_ONE = Math.nextDown(1.0);

    @Test
    void aNumberBelongsToThePlaceWhoseCumulativeShareExceedsIt() {
        ShareSampler sampler = sampler(0.5, 0.25, 0, 0.25, 0);

        assertThat(sampler.placeOf(0)).isZero();
        assertThat(sampler.placeOf(Math.nextDown(0.5))).isZero();
        assertThat(sampler.placeOf(0.5)).isEqualTo(1);
        assertThat(sampler.placeOf(0.75)).isEqualTo(3);
        assertThat(sampler.placeOf(LAST_BELOW_ONE)).isEqualTo(3);
    }

    @Test
    void theRestUpToOneBelongsToTheLastPlace() {
        assertThat(sampler(0.3, 0, 0.3).placeOf(LAST_BELOW_ONE)).isEqualTo(2);
    }

    @Test
    void drawsTheFirstPlaceWithoutShares() {
        assertThat(sampler(0, 0).placeOf(0.5)).isZero();
        assertThat(sampler().placeOf(0.5)).isZero();
    }

    @Test
    void drawsEveryPlaceInProportionToItsShare() {
        SplittableRandom random = new SplittableRandom(3);
        double[] shares =
                random.doubles(70).map(share -> share < 0.3 ? 0 : share * share).toArray();
        double sum = Arrays.stream(shares).sum();
        Arrays.setAll(shares, place -> shares[place] / sum);
        int[] drawn = new int[shares.length];
        ShareSampler sampler = sampler(shares);

        int times = 1_000_000; // at even steps, so that chance plays no part
        for (int i = 0; i < times; i++) {
            drawn[sampler.placeOf((i + 0.5) / times)]++;
        }

        for (int place = 0; place < shares.length; place++) {
            assertThat((double) drawn[place] / times).isCloseTo(shares[place], within(2.0 / times));
        }
    }

    private static ShareSampler sampler(double... shares) {
        List<Candidate> list = IntStream.range(0, shares.length)
                .mapToObj(place -> RoutingFixtures.candidate(place, shares[place]))
                .toList();
        return new ShareSampler(list);
    }
}
