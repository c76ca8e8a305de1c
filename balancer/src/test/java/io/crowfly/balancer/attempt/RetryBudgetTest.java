package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private static final long START = TimeUnit.DAYS.toNanos(3);
    private static final double FIFTH = 0.2;

    private final RetryBudget budget = new RetryBudget(2);

    private static long at(long seconds) {
        return START + TimeUnit.SECONDS.toNanos(seconds);
    }

    private void requests(int count, long seconds) {
        for (int i = 0; i < count; i++) {
            budget.onRequest(i % 2, at(seconds));
        }
    }

    private static int granted(BooleanSupplier one) {
        int granted = 0;
        while (one.getAsBoolean()) {
            granted++;
        }
        return granted;
    }

    @Test
    void allowsAMinimumOfRetriesWithLittleTraffic() {
        assertThat(granted(() -> budget.tryRetry(0, FIFTH, at(0)))).isEqualTo(30);
        assertThat(budget.allowsRetry(FIFTH, at(0))).isFalse();
    }

    @Test
    void allowsAShareOfTheRequestsOfAllLoops() {
        requests(1000, 0);
        assertThat(granted(() -> budget.tryRetry(0, FIFTH, at(1))) + granted(() -> budget.tryRetry(1, FIFTH, at(1))))
                .isEqualTo(30 + 200);
    }

    @Test
    void usedRetriesAreAllowedAgainAfterTheWindow() {
        granted(() -> budget.tryRetry(0, FIFTH, at(0)));
        assertThat(budget.tryRetry(1, FIFTH, at(9))).isFalse();
        assertThat(budget.tryRetry(1, FIFTH, at(10))).isTrue();
    }

    @Test
    void oldRequestsAllowNoRetries() {
        requests(1000, 0);
        assertThat(granted(() -> budget.tryRetry(0, FIFTH, at(3600)))).isEqualTo(30);
    }

    @Test
    void aShareOfZeroAllowsNoRetries() {
        requests(1000, 0);
        assertThat(budget.tryRetry(0, 0, at(0))).isFalse();
    }

    @Test
    void hedgesHaveAShareAndNoMinimum() {
        assertThat(budget.tryHedge(0, FIFTH, at(0))).isFalse();
        requests(100, 0);
        assertThat(granted(() -> budget.tryHedge(1, FIFTH, at(0)))).isEqualTo(20);
    }
}
