package io.crowfly.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DemoSummaryTest {

    private final TrafficStatistics before = new TrafficStatistics();
    private final TrafficStatistics after = new TrafficStatistics();

    private DemoSummary summary() {
        return new DemoSummary(List.of("azure", "google"), "azure", before, after);
    }

    private static void count(TrafficStatistics statistics, String backend, int requests) {
        for (int i = 0; i < requests; i++) {
            statistics.recordResponse(backend, 40_000_000);
        }
    }

    @Test
    void trafficThatLostHalfOfItsShareHasMoved() {
        count(before, "azure", 10);
        count(after, "azure", 5);
        count(after, "google", 5);
        assertThat(summary().moved()).isTrue();
    }

    @Test
    void trafficThatLostLessHasNotMoved() {
        count(before, "azure", 10);
        count(after, "azure", 6);
        count(after, "google", 4);
        assertThat(summary().moved()).isFalse();
    }

    @Test
    void trafficOfABackendThatDidNotLeadHasNotMoved() {
        count(before, "azure", 4);
        count(before, "google", 6);
        count(after, "google", 10);
        assertThat(summary().moved()).isFalse();
    }

    @Test
    void noTrafficHasNotMoved() {
        assertThat(summary().moved()).isFalse();
        count(before, "azure", 10);
        assertThat(summary().moved()).isFalse();
    }

    @Test
    void theTableHasARowForEachBackendAndOneForAll() {
        count(before, "azure", 3);
        count(after, "azure", 1);
        count(after, "google", 3);
        assertThat(summary().table().lines())
                .hasSize(4)
                .anySatisfy(row -> assertThat(row.split(" +")).startsWith("azure", "4", "100%", "25%"))
                .anySatisfy(row -> assertThat(row.split(" +")).startsWith("google", "3", "0%", "75%"))
                .anySatisfy(row -> assertThat(row.split(" +")).startsWith("all", "7", "100%", "100%"));
    }
}
