package io.crowfly.probes;

import static io.crowfly.probes.Observation.Strike.BROKEN;
import static io.crowfly.probes.Observation.Strike.FAILED;
import static io.crowfly.probes.Observation.Strike.FORBIDDEN;
import static io.crowfly.probes.Observation.Strike.NO_DEPLOYMENT;
import static io.crowfly.probes.Observation.Strike.SILENT;
import static io.crowfly.probes.Observation.Strike.UNAUTHORIZED;
import static io.crowfly.probes.Observation.Strike.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.Observation.Strike;
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

    /** With the jitter at its least. */
    private static final RandomGenerator EARLIEST = () -> 0;

    private Ejection ejection = Ejection.NONE;

    private void strike(Strike strike, long nowNanos) {
        ejection = ejection.after(strike, "why", nowNanos, EARLIEST);
    }

    private void strikes(int count, Strike strike, long nowNanos) {
        for (int i = 0; i < count; i++) {
            strike(strike, nowNanos);
        }
    }

    /** Ejects, however it comes. @return how long for */
    private long ejectFor(long nowNanos) {
        strikes(3, FAILED, nowNanos);
        return ejection.untilNanos() - nowNanos;
    }

    @Test
    void isNotOutAtFirst() {
        assertThat(ejection.isOut(Long.MIN_VALUE)).isFalse();
        assertThat(ejection.isOut(0)).isFalse();
    }

    @Test
    void isOutAtOnceWhenItCannotBeReachedUntilAProbeHasPassed() {
        strike(UNREACHABLE, 0);
        assertThat(ejection.isOut(0)).isTrue();
        assertThat(ejection.isOut(3600 * SECOND)).isTrue();
        assertThat(ejection.reason()).isEqualTo("why");

        ejection = ejection.afterProbe(0, true, 20 * SECOND);
        assertThat(ejection.isOut(20 * SECOND)).isFalse();
    }

    @Test
    void isNotBroughtBackByAProbeThatPassesTooSoon() {
        strike(UNREACHABLE, 0);
        ejection = ejection.afterProbe(0, true, SECOND / 10);
        assertThat(ejection.isOut(SECOND / 2)).isTrue();
        assertThat(ejection.isOut(SECOND)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"FAILED", "SILENT", "BROKEN"})
    void isOutAfterThreeFailuresInARowAndBackByItself(Strike strike) {
        strikes(2, strike, 0);
        assertThat(ejection.isOut(0)).isFalse();
        strike(strike, 0);
        assertThat(ejection.isOut(0)).isTrue();
        assertThat(ejection.isOut(SECOND - 1)).isTrue();
        assertThat(ejection.isOut(SECOND)).isFalse();
        assertThat(ejection.reason()).isEqualTo("3 failures in a row: why");
    }

    @Test
    void countsFailuresOfAllKindsTogether() {
        strike(FAILED, 0);
        strike(SILENT, 0);
        assertThat(ejection.isOut(0)).isFalse();
        strike(BROKEN, 0);
        assertThat(ejection.isOut(0)).isTrue();
    }

    @Test
    void isNotPutOutByFailuresThatAnAnswerComesBetween() {
        for (int i = 0; i < 20; i++) {
            strikes(2, FAILED, i);
            ejection = ejection.afterAnswer(0, i);
            assertThat(ejection.isOut(i)).isFalse();
        }
    }

    @Test
    void whatConcernsOneModelIsNoReason() {
        strikes(10, NO_DEPLOYMENT, 0);
        strikes(10, FORBIDDEN, 0);
        assertThat(ejection).isEqualTo(Ejection.NONE);
    }

    @Test
    void isOutForTwiceAsLongEachTimeUpToAMinute() {
        long now = 0;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            assertThat(ejectFor(now)).isEqualTo(seconds * SECOND);
            now = ejection.untilNanos();
        }
    }

    @Test
    void onceBackASingleFailureIsEnoughUntilAnAnswerHasCome() {
        ejectFor(0);
        long back = ejection.untilNanos();
        strike(FAILED, back);
        assertThat(ejection.isOut(back)).isTrue();

        back = ejection.untilNanos();
        ejection = ejection.afterAnswer(0, back);
        strikes(2, FAILED, back);
        assertThat(ejection.isOut(back)).isFalse();
        strike(FAILED, back);
        assertThat(ejection.isOut(back)).isTrue();
    }

    @Test
    void aFailureNowAndThenDoesNotKeepABackendOutThatCameBackOnce() {
        ejectFor(0);
        long now = ejection.untilNanos();
        for (int request = 1; request < 100_000; request++) {
            now += SECOND / 50;
            if (request % 20 == 0) {
                strike(FAILED, now);
            } else {
                ejection = ejection.afterAnswer(0, now);
            }
            assertThat(ejection.isOut(now)).isFalse();
        }
    }

    @Test
    void isForgivenAfterALongTimeInOrder() {
        ejectFor(0);
        ejection = ejection.afterAnswer(0, ejection.untilNanos());
        long later = ejection.untilNanos() + 60 * SECOND;
        assertThat(ejectFor(later)).isEqualTo(SECOND);
    }

    @Test
    void ignoresWhatWasSentBeforeItWasPutOut() {
        ejectFor(0);
        Ejection out = ejection;
        strikes(5, FAILED, SECOND / 2);
        strike(UNAUTHORIZED, SECOND / 2);
        ejection = ejection.afterAnswer(0, SECOND / 2);
        assertThat(ejection).isEqualTo(out);
    }

    @Test
    void manyEdgesDoNotComeBackInOneMoment() {
        Random random = new Random(11);
        List<Long> returns = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            returns.add(Ejection.NONE.after(UNREACHABLE, "", 0, random).earliestNanos());
        }
        assertThat(returns).doesNotHaveDuplicates();
        assertThat(returns).allSatisfy(nanos -> assertThat(nanos).isBetween(SECOND, SECOND * 5 / 4));
    }

    @Test
    void refusedCredentialsPutItOutForAMinuteWithAnAlarm() {
        strike(UNAUTHORIZED, 0);
        assertThat(ejection.isOut(60 * SECOND - 1)).isTrue();
        assertThat(ejection.isOut(60 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isTrue();
    }

    @Test
    void refusedCredentialsPutItOutForLongerEachTimeUpToTenMinutes() {
        long now = 0;
        for (int minutes : new int[] {1, 2, 4, 8, 10, 10}) {
            strike(UNAUTHORIZED, now);
            assertThat(ejection.untilNanos() - now).isEqualTo(minutes * 60 * SECOND);
            now = ejection.untilNanos();
            assertThat(ejection.unauthorized()).isTrue();
        }
    }

    @Test
    void theAlarmLastsUntilAnAnswerComes() {
        strike(UNAUTHORIZED, 0);
        ejection = ejection.afterAnswer(0, 61 * SECOND);
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void anAnswerToWhatWasSentSinceEndsARefusalAtOnce() {
        strike(UNAUTHORIZED, SECOND);
        ejection = ejection.afterAnswer(2 * SECOND, 2 * SECOND);
        assertThat(ejection.isOut(2 * SECOND)).isTrue();
        assertThat(ejection.unauthorized()).isTrue();
        ejection = ejection.afterAnswer(SECOND / 2, 2 * SECOND);
        assertThat(ejection.isOut(2 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void aProbeThatPassesEndsARefusalIfOneHasFailedSince() {
        strike(UNAUTHORIZED, 0);
        ejection = ejection.afterProbe(0, true, SECOND); // which would let anybody pass
        assertThat(ejection.isOut(SECOND)).isTrue();
        ejection = ejection.afterProbeRefused();
        ejection = ejection.afterProbe(0, false, 2 * SECOND);
        ejection = ejection.afterProbe(4 * SECOND, true, 3 * SECOND);
        assertThat(ejection.isOut(3 * SECOND)).isTrue();
        assertThat(ejection.unauthorized()).isTrue();
        ejection = ejection.afterProbe(0, true, 4 * SECOND);
        assertThat(ejection.isOut(4 * SECOND)).isFalse();
        assertThat(ejection.unauthorized()).isFalse();
    }

    @Test
    void aRefusalAfterTheCredentialWasTakenIsAFirstOneAgain() {
        strike(UNAUTHORIZED, 0);
        strike(UNAUTHORIZED, 60 * SECOND);
        ejection = ejection.afterAnswer(0, 61 * SECOND);
        strike(UNAUTHORIZED, 62 * SECOND);
        assertThat(ejection.untilNanos()).isEqualTo(122 * SECOND);
    }
}
