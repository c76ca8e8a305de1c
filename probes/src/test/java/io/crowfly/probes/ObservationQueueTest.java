package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservationQueueTest {

    private static final RequestClass ANY = new RequestClass(Api.OTHER, "", false);

    private final ObservationQueue queue = new ObservationQueue();
    private final List<Long> drained = new ArrayList<>();

    private static Observation numbered(long number) {
        return new Observation.StreamCompleted(TestBackends.backend("a"), ANY, 1, 1, number);
    }

    private void drain() {
        queue.drain(observation -> drained.add(observation.atNanos()));
    }

    @Test
    void drainsEachObservationOnceInOrder() {
        queue.add(numbered(1));
        queue.add(numbered(2));
        drain();
        queue.add(numbered(3));
        drain();
        drain();
        assertThat(drained).containsExactly(1L, 2L, 3L);
    }

    @Test
    void dropsTheNewestWhenFullAndAcceptsAgainAfterADrain() {
        int added = 0;
        while (queue.add(numbered(added))) {
            added++;
        }
        assertThat(queue.add(numbered(-1))).isFalse();
        drain();
        assertThat(drained).hasSize(added).isSorted().doesNotContain(-1L);
        assertThat(queue.add(numbered(added))).isTrue();
        drain();
        assertThat(drained).last().isEqualTo((long) added);
    }

    @Test
    void losesNoAcceptedObservationBetweenTwoThreads() throws Exception {
        int wanted = 200_000;
        List<Long> taken = new ArrayList<>();
        Thread adding = new Thread(() -> {
            for (long number = 0; taken.size() < wanted; number++) {
                if (queue.add(numbered(number))) {
                    taken.add(number);
                }
            }
        });
        adding.start();
        while (adding.isAlive()) {
            drain();
        }
        adding.join();
        drain();
        assertThat(drained).isEqualTo(taken);
    }
}
