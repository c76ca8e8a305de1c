package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InFlightRequestsTest {

    @Test
    void countsThoseWhoHaveNotLeft() {
        long[] times = new SplittableRandom(2).longs(500, 1, 1000).toArray();
        InFlightRequests departures = new InFlightRequests();
        for (long time : times) {
            departures.add(time);
        }

        for (long now : new long[] {0, 1, 10, 500, 500, 998, 999, 1000}) {
            long left =
                    java.util.Arrays.stream(times).filter(time -> time > now).count();
            assertThat(departures.count(now)).as("at " + now).isEqualTo((int) left);
        }
    }
}
