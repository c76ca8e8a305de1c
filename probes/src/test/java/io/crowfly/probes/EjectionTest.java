package io.crowfly.probes;

import static io.crowfly.probes.Observation.FailureKind.ERROR;
import static io.crowfly.probes.Observation.FailureKind.FORBIDDEN;
import static io.crowfly.probes.Observation.FailureKind.INTERRUPTED;
import static io.crowfly.probes.Observation.FailureKind.NO_DEPLOYMENT;
import static io.crowfly.probes.Observation.FailureKind.TIMED_OUT;
import static io.crowfly.probes.Observation.FailureKind.UNAUTHORIZED;
import static io.crowfly.probes.Observation.FailureKind.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.Observation.FailureKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class EjectionTest {

    private static final long SECOND = 1_000_000_000L;

    /** Gives the least jitter. */
    private static final RandomGenerator EARLIEST = () -> 0;

    private Ejection ejection = Ejection.NONE;

    private void fail(FailureKind kind, long nowNanos) {
        ejection = ejection.afterFailure(kind, "why", 0, nowNanos, EARLIEST);
    }

    private void failTimes(int count, FailureKind kind, long nowNanos) {
        for (int i = 0; i < count; i++) {
            fail(kind, nowNanos);
        }
    }

    /**
     * Ejects the backend.
     *
     * @return the length of the ejection
     */
    private long ejectFor(long nowNanos) {
        failTimes(3, ERROR, nowNanos);
        return ejection.untilNanos() - nowNanos;
    }

    @Test
    void isNotEjectedAtFirst() {
        assertThat(ejection.isEjected(Long.MIN_VALUE)).isFalse();
        assertThat(ejection.isEjected(0)).isFalse();
    }

    @Test
    void isEjectedAtOnceWhenUnreachableUntilAProbePasses() {
        fail(UNREACHABLE, 0);
        assertThat(ejection.isEjected(0)).isTrue();
        assertThat(ejection.isEjected(3600 * SECOND)).isTrue();
        assertThat(ejection.reason()).isEqualTo("why");

        ejection = ejection.afterPassedProbe(0, true, 20 * SECOND);
        assertThat(ejection.isEjected(20 * SECOND)).isFalse();
    }

    @Test
    void doesNotReturnAfterAProbeThatPassesTooSoon() {
        fail(UNREACHABLE, 0);
        ejection = ejection.afterPassedProbe(0, true, SECOND / 10);
        assertThat(ejection.isEjected(SECOND / 2)).isTrue();
        assertThat(ejection.isEjected(SECOND)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"ERROR", "TIMED_OUT", "INTERRUPTED"})
    void isEjectedAfterThreeFailuresInARowAndReturns(FailureKind kind) {
        failTimes(2, kind, 0);
        assertThat(ejection.isEjected(0)).isFalse();
        fail(kind, 0);
        assertThat(ejection.isEjected(0)).isTrue();
        assertThat(ejection.isEjected(SECOND - 1)).isTrue();
        assertThat(ejection.isEjected(SECOND)).isFalse();
        assertThat(ejection.reason()).isEqualTo("3 failures in a row: why");
    }

    @Test
    void countsFailuresOfAllKindsTogether() {
        fail(ERROR, 0);
        fail(TIMED_OUT, 0);
        assertThat(ejection.isEjected(0)).isFalse();
        fail(INTERRUPTED, 0);
        assertThat(ejection.isEjected(0)).isTrue();
    }

    @Test
    void isNotEjectedByFailuresWithAResponseBetween() {
        for (int i = 0; i < 20; i++) {
            failTimes(2, ERROR, i);
            ejection = ejection.afterResponse(0, i);
            assertThat(ejection.isEjected(i)).isFalse();
        }
    }

    @Test
    void isNotEjectedByFailuresOfOneModel() {
        failTimes(10, NO_DEPLOYMENT, 0);
        failTimes(10, FORBIDDEN, 0);
        assertThat(ejection).isEqualTo(Ejection.NONE);
    }

    @Test
    void doublesTheTimeUpToAMinute() {
        long now = 0;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            assertThat(ejectFor(now)).isEqualTo(seconds * SECOND);
            now = ejection.untilNanos();
        }
    }

    @Test
    void aLateFailureOfARequestSentBeforeTheEjectionDoesNotEjectAgain() {
        ejectFor(SECOND);
        long back = ejection.untilNanos() + SECOND;
        ejection = ejection.afterFailure(TIMED_OUT, "why", back, back, EARLIEST);
        assertThat(ejection.isEjected(back)).isFalse();
        ejection = ejection.afterFailure(TIMED_OUT, "why", SECOND / 2, back, EARLIEST);
        assertThat(ejection.isEjected(back)).isTrue();
    }

    @Test
    void doublesTheTimeOfAModelUpToSixSeconds() {
        ejection = Ejection.NONE_OF_MODEL;
        long now = 0;
        for (int seconds : new int[] {1, 2, 4, 6, 6}) {
            assertThat(ejectFor(now)).isEqualTo(seconds * SECOND);
            now = ejection.untilNanos();
        }
    }

    @Test
    void isEjectedForGrowingTimesWhileMostModelsAre() {
        long now = 0;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            ejection = ejection.afterModelsEjected("models", now, EARLIEST);
            assertThat(ejection.untilNanos() - now).isEqualTo(seconds * SECOND);
            assertThat(ejection.afterModelsEjected("again", now, EARLIEST)).isEqualTo(ejection);
            now = ejection.untilNanos();
        }
    }

    @Test
    void afterItsReturnASingleFailureEjectsUntilAResponse() {
        ejectFor(0);
        long back = ejection.untilNanos();
        fail(ERROR, back);
        assertThat(ejection.isEjected(back)).isTrue();

        back = ejection.untilNanos();
        ejection = ejection.afterResponse(0, back);
        failTimes(2, ERROR, back);
        assertThat(ejection.isEjected(back)).isFalse();
        fail(ERROR, back);
        assertThat(ejection.isEjected(back)).isTrue();
    }

    @Test
    void occasionalFailuresDoNotEjectAReturnedBackend() {
        ejectFor(0);
        long now = ejection.untilNanos();
        for (int request = 1; request < 100_000; request++) {
            now += SECOND / 50;
            if (request % 20 == 0) {
                fail(ERROR, now);
            } else {
                ejection = ejection.afterResponse(0, now);
            }
            assertThat(ejection.isEjected(now)).isFalse();
        }
    }

    @Test
    void startsAtOneSecondAgainAfterALongTimeWithoutFailures() {
        ejectFor(0);
        ejection = ejection.afterResponse(0, ejection.untilNanos());
        long later = ejection.untilNanos() + 60 * SECOND;
        assertThat(ejectFor(later)).isEqualTo(SECOND);
    }

    @Test
    void ignoresRequestsSentBeforeTheEjection() {
        ejectFor(0);
        Ejection ejected = ejection;
        failTimes(5, ERROR, SECOND / 2);
        fail(UNAUTHORIZED, SECOND / 2);
        ejection = ejection.afterResponse(0, SECOND / 2);
        assertThat(ejection).isEqualTo(ejected);
    }

    @Test
    void manyEdgesDoNotReturnAtOnce() {
        Random random = new Random(11);
        List<Long> returns = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            returns.add(
                    Ejection.NONE.afterFailure(UNREACHABLE, "", 0, 0, random).earliestReturnNanos());
        }
        assertThat(returns).doesNotHaveDuplicates();
        assertThat(returns).allSatisfy(nanos -> assertThat(nanos).isBetween(SECOND, SECOND * 5 / 4));
    }

    @Test
    void aRejectedCredentialEjectsForAMinuteAsUnauthorized() {
        fail(UNAUTHORIZED, 0);
        assertThat(ejection.isEjected(60 * SECOND - 1)).isTrue();
        assertThat(ejection.isEjected(60 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isTrue();
    }

    @Test
    void rejectedCredentialsDoubleTheTimeUpToTenMinutes() {
        long now = 0;
        for (int minutes : new int[] {1, 2, 4, 8, 10, 10}) {
            fail(UNAUTHORIZED, now);
            assertThat(ejection.untilNanos() - now).isEqualTo(minutes * 60 * SECOND);
            now = ejection.untilNanos();
            assertThat(ejection.unauthorized()).isTrue();
        }
    }

    @Test
    void isUnauthorizedUntilAResponse() {
        fail(UNAUTHORIZED, 0);
        ejection = ejection.afterResponse(0, 61 * SECOND);
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void aResponseToALaterRequestEndsTheRejectionAtOnce() {
        fail(UNAUTHORIZED, SECOND);
        ejection = ejection.afterResponse(2 * SECOND, 2 * SECOND);
        assertThat(ejection.isEjected(2 * SECOND)).isTrue();
        assertThat(ejection.unauthorized()).isTrue();
        ejection = ejection.afterResponse(SECOND / 2, 2 * SECOND);
        assertThat(ejection.isEjected(2 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void aPassedProbeEndsTheRejectionIfOneHasFailedBefore() {
        fail(UNAUTHORIZED, 0);
        ejection = ejection.afterPassedProbe(0, true, SECOND); // a path that needs no credential
        assertThat(ejection.isEjected(SECOND)).isTrue();
        ejection = ejection.afterFailedProbe();
        ejection = ejection.afterPassedProbe(0, false, 2 * SECOND);
        ejection = ejection.afterPassedProbe(4 * SECOND, true, 3 * SECOND);
        assertThat(ejection.isEjected(3 * SECOND)).isTrue();
        assertThat(ejection.unauthorized()).isTrue();
        ejection = ejection.afterPassedProbe(0, true, 4 * SECOND);
        assertThat(ejection.isEjected(4 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void aRejectionAfterAnAcceptedCredentialCountsAsTheFirst() {
        fail(UNAUTHORIZED, 0);
        fail(UNAUTHORIZED, 60 * SECOND);
        ejection = ejection.afterResponse(0, 61 * SECOND);
        fail(UNAUTHORIZED, 62 * SECOND);
        assertThat(ejection.untilNanos()).isEqualTo(122 * SECOND);
    }
}
