package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InFlightRequestsTest {

    @Test
    void countsRequestsThatHaveNotEnded() {
        long[] times = new SplittableRandom(2).longs(500, 1, 1000).toArray();
        InFlightRequests requests = new InFlightRequests();
        for (long time : times) {
            requests.add(time);
        }

        for (long now : new long[] {0, 1, 10, 500, 500, 998, 999, 1000}) {
            long expected =
                    java.util.Arrays.stream(times).filter(time -> time > now).count();
            assertThat(requests.count(now)).as("at " + now).isEqualTo((int) expected);
        }
    }

    @Test
    void aRequestMayEndEarlier() {
        InFlightRequests requests = new InFlightRequests();
        for (long time = 10; time <= 100; time += 10) {
            requests.add(time);
        }

        requests.replace(90, 5);
        requests.replace(100, 45);

        assertThat(requests.count(4)).isEqualTo(10);
        assertThat(requests.count(5)).isEqualTo(9);
        assertThat(requests.count(45)).isEqualTo(4);
        assertThat(requests.count(80)).isZero();
    }
}
