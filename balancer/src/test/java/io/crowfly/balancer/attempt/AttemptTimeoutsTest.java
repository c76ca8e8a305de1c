package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import org.junit.jupiter.api.Test;

/** Limit of the wait for a first token, by the forecast. */
class AttemptTimeoutsTest {

    private static Prediction prediction(Basis basis, double uncertainty) {
        return new Prediction(basis, 0, Math.log(100e6), 0.35, uncertainty, ProbeTimes.ABSENT);
    }

    private static double seconds(Basis basis, double uncertainty) {
        return AttemptTimeouts.longestUsefulNanos(prediction(basis, uncertainty)) / 1e9;
    }

    @Test
    void isThreeTimesTheQuantileOfLiveRequests() {
        assertThat(seconds(Basis.LIVE, 0)).isBetween(0.88, 0.89);
    }

    @Test
    void isWiderWithoutLiveRequestsAtThisBackend() {
        assertThat(seconds(Basis.PROBES, 0.5)).isBetween(1.9, 2.1);
    }

    @Test
    void isNotWiderForAForecastThatIsMoreUncertainThanAGuessFromOtherBackends() {
        assertThat(seconds(Basis.LIVE, 1)).isEqualTo(seconds(Basis.LIVE, 0.5));
    }

    @Test
    void doesNotExistWithoutLiveRequestsAnywhere() {
        assertThat(AttemptTimeouts.longestUsefulNanos(prediction(Basis.GUESS, 1)))
                .isEqualTo(Long.MAX_VALUE);
    }
}
