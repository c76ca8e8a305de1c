package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.Parking.Cause;
import io.crowfly.probes.forecast.ProbeTimes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ParkingTest {

    private static final long NO_HINT = ProbeTimes.ABSENT;
    private static final long SECOND = 1_000_000_000L;

    private static Duration throttledFor(long retryAfterNanos) {
        return Duration.ofNanos(
                Parking.throttled(Parking.NONE, retryAfterNanos, 0).untilNanos());
    }

    @Test
    void isActiveUntilItsTimeIsOver() {
        Parking parking = Parking.throttled(Parking.NONE, 7 * SECOND, SECOND);
        assertThat(parking.cause()).isEqualTo(Cause.THROTTLED);
        assertThat(parking.isActive(SECOND)).isTrue();
        assertThat(parking.isActive(8 * SECOND - 1)).isTrue();
        assertThat(parking.isActive(8 * SECOND)).isFalse();
        assertThat(Parking.NONE.isActive(0)).isFalse();
    }

    @Test
    void clampsARetryAfterHint() {
        assertThat(throttledFor(5 * SECOND)).isEqualTo(Duration.ofSeconds(5));
        assertThat(throttledFor(1)).isEqualTo(Duration.ofMillis(100));
        assertThat(throttledFor(86_400 * SECOND)).isEqualTo(Duration.ofSeconds(60));
        assertThat(throttledFor(Long.MAX_VALUE)).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void treatsZeroOrLessAsNoHint() {
        assertThat(throttledFor(NO_HINT)).isEqualTo(Duration.ofSeconds(1));
        assertThat(throttledFor(0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(throttledFor(-5 * SECOND)).isEqualTo(Duration.ofSeconds(1));
        assertThat(throttledFor(Long.MIN_VALUE)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void doublesItsGuessEachTimeUpTo30Seconds() {
        Parking parking = Parking.NONE;
        long now = 0;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            parking = Parking.throttled(parking, NO_HINT, now);
            assertThat(parking.untilNanos() - now).isEqualTo(seconds * SECOND);
            now = parking.untilNanos();
        }
        for (int i = 0; i < 100; i++) {
            parking = Parking.throttled(parking, NO_HINT, now);
            now = parking.untilNanos();
        }
        assertThat(Parking.throttled(parking, NO_HINT, now).untilNanos() - now).isEqualTo(30 * SECOND);
    }

    @Test
    void startsWithTheFirstGuessAfterAQuietMinute() {
        Parking parking = Parking.throttled(Parking.throttled(Parking.NONE, NO_HINT, 0), NO_HINT, SECOND);
        assertThat(parking.count()).isEqualTo(2);
        Parking later = Parking.throttled(parking, NO_HINT, parking.untilNanos() + 60 * SECOND);
        assertThat(later.count()).isEqualTo(1);
        assertThat(later.untilNanos() - parking.untilNanos()).isEqualTo(61 * SECOND);
    }

    @Test
    void countsManyRequestsInFlightAsOne429() {
        Parking first = Parking.throttled(Parking.NONE, NO_HINT, 0);
        Parking volley = first;
        for (int i = 1; i < 50; i++) {
            volley = Parking.throttled(volley, NO_HINT, i);
        }
        assertThat(volley).isEqualTo(first);
    }

    @Test
    void anExhaustedQuotaParksForSecondsOnly() {
        assertThat(Parking.quota(3 * SECOND, 0).untilNanos()).isEqualTo(3 * SECOND);
        assertThat(Parking.quota(3600 * SECOND, 0).untilNanos()).isEqualTo(10 * SECOND);
        assertThat(Parking.quota(NO_HINT, 0).untilNanos()).isEqualTo(SECOND);
        assertThat(Parking.quota(-SECOND, 0).untilNanos()).isEqualTo(SECOND);
        assertThat(Parking.quota(1, 0).untilNanos()).isEqualTo(SECOND / 10);
        assertThat(Parking.quota(1, 0).cause()).isEqualTo(Cause.QUOTA);
    }

    @Test
    void aMissingPermissionParksForAMinute() {
        Parking parking = Parking.forbidden("status 403", SECOND);
        assertThat(parking.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(parking.reason()).isEqualTo("status 403");
        assertThat(parking.untilNanos()).isEqualTo(61 * SECOND);
    }

    @Test
    void aMissingDeploymentParksForAMinute() {
        Parking parking = Parking.noDeployment(SECOND);
        assertThat(parking.cause()).isEqualTo(Cause.NO_DEPLOYMENT);
        assertThat(parking.untilNanos()).isEqualTo(61 * SECOND);
    }
}
