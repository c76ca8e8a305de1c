package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rate of a body, with a simulated clock. */
class BodyRateTest {

    private static final long WINDOW = TimeUnit.SECONDS.toNanos(30);
    private static final int MINIMUM = 1000;

    private final BodyRate rate = new BodyRate();
    private long now = TimeUnit.SECONDS.toNanos(-5);

    /** Lets seconds pass, with ten ticks in each. Returns whether the rate was too low at any tick. */
    private boolean isTooLowIn(int seconds, boolean reading, int bytesPerSecond, int minimum) {
        boolean tooLow = false;
        for (int tick = 0; tick < 10 * seconds; tick++) {
            rate.onBody(bytesPerSecond / 10);
            now += TimeUnit.MILLISECONDS.toNanos(100);
            tooLow |= rate.isTooLow(now, reading, minimum, WINDOW);
        }
        return tooLow;
    }

    @Test
    void aBodyOfTheMinimumRateIsAccepted() {
        assertThat(isTooLowIn(300, true, MINIMUM, MINIMUM)).isFalse();
    }

    @Test
    void aSlowerBodyIsRefusedAtTheEndOfAWindow() {
        assertThat(isTooLowIn(29, true, MINIMUM - 50, MINIMUM)).isFalse();
        assertThat(isTooLowIn(2, true, MINIMUM - 50, MINIMUM)).isTrue();
    }

    @Test
    void aBodyMayPauseWithinAWindow() {
        assertThat(isTooLowIn(25, true, 0, MINIMUM)).isFalse();
        assertThat(isTooLowIn(25, true, 8 * MINIMUM, MINIMUM)).isFalse();
        assertThat(isTooLowIn(25, true, 0, MINIMUM)).isFalse();
        assertThat(isTooLowIn(16, true, 0, MINIMUM)).isTrue();
    }

    @Test
    void timeWithoutReadingDoesNotCount() {
        for (int i = 0; i < 10; i++) {
            assertThat(isTooLowIn(60, false, 0, MINIMUM)).isFalse();
            assertThat(isTooLowIn(2, true, 2 * MINIMUM, MINIMUM)).isFalse();
        }
    }

    @Test
    void everyRequestStartsANewWindow() {
        assertThat(isTooLowIn(29, true, 0, MINIMUM)).isFalse();
        rate.onHead();
        now += TimeUnit.HOURS.toNanos(1);
        assertThat(isTooLowIn(29, true, 0, MINIMUM)).isFalse();
    }

    @Test
    void zeroIsNoMinimum() {
        assertThat(isTooLowIn(300, true, 0, 0)).isFalse();
    }
}
