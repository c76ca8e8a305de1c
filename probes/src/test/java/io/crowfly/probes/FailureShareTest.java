package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FailureShareTest {

    private static final long SECOND = 1_000_000_000L;

    private static FailureShare after(int attempts, int everySoMany) {
        FailureShare share = FailureShare.NONE;
        for (int i = 1; i <= attempts; i++) {
            share = share.afterAttempt(i % everySoMany == 0, 0);
        }
        return share;
    }

    @Test
    void isZeroWithoutFailures() {
        assertThat(after(100, 1000)).isSameAs(FailureShare.NONE);
        assertThat(FailureShare.NONE.shareAt(5 * SECOND)).isZero();
    }

    @Test
    void isTheShareOfRecentAttempts() {
        assertThat(after(200, 2).shareAt(0)).isCloseTo(0.5, within(0.03));
        assertThat(after(200, 1).shareAt(0)).isCloseTo(1, within(0.001));
        assertThat(after(200, 5).shareAt(0)).isCloseTo(0.2, within(0.03));
    }

    @Test
    void risesFastWhenAllAttemptsFail() {
        assertThat(after(20, 1).shareAt(0)).isGreaterThan(0.6);
    }

    @Test
    void fadesWithoutAttempts() {
        FailureShare share = after(100, 1);
        assertThat(share.shareAt(30 * SECOND)).isCloseTo(share.shareAt(0) / Math.E, within(0.001));
        assertThat(share.shareAt(600 * SECOND)).isCloseTo(0, within(1e-6));
    }

    @Test
    void returnsToZeroAfterManySuccesses() {
        FailureShare share = after(10, 1);
        for (int i = 0; i < 300; i++) {
            share = share.afterAttempt(false, 0);
        }
        assertThat(share).isSameAs(FailureShare.NONE);
    }
}
