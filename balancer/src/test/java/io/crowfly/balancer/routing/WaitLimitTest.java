package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import org.junit.jupiter.api.Test;

/** Limit of the wait for a first token, by the forecasts. The usual latency is 100 ms. */
class WaitLimitTest {

    /** Three times the 99.9th percentile with a median of 100 ms, in seconds. */
    private static final double LIMIT = 0.885;

    private static final long IN_FLIGHT = 4;

    private static Prediction prediction(Basis basis, double uncertainty, double slowdown) {
        return new Prediction(basis, 0, Math.log(100e6 * slowdown), 0.35, uncertainty, ProbeTimes.ABSENT);
    }

    private static Forecast forecast(Prediction prediction, double slowdown, LoadCurve loadCurve) {
        double ordinary = prediction.logService() - Math.log(slowdown);
        return new Forecast(prediction, prediction.logService(), Long.MIN_VALUE, Long.MIN_VALUE, ordinary, loadCurve);
    }

    /** Returns the limit at a backend without slowdown, if the next backend is like it. */
    private static double usualLimit(Basis basis, double uncertainty) {
        Prediction prediction = prediction(basis, uncertainty, 1);
        return limit(forecast(prediction, 1, LoadCurve.FLAT), IN_FLIGHT, prediction);
    }

    /** Returns the limit for a backend whose forecast has risen, as far as the next one's has. */
    private static double limitInSlowdown(double slowdown, double slowdownOfNext) {
        Prediction prediction = prediction(Basis.LIVE, 0.4, slowdown);
        return limit(
                forecast(prediction, slowdown, LoadCurve.FLAT), IN_FLIGHT, prediction(Basis.LIVE, 0, slowdownOfNext));
    }

    private static double limit(Forecast forecast, long inFlight, Prediction next) {
        return WaitLimit.nanos(forecast.predictionAt(inFlight), forecast.ordinaryAtKnownLoad(inFlight), next) / 1e9;
    }

    private static void assertAbout(double seconds, double expected) {
        assertThat(seconds).isBetween(0.99 * expected, 1.01 * expected);
    }

    @Test
    void isThreeTimesTheQuantileOfLiveRequests() {
        assertAbout(usualLimit(Basis.LIVE, 0), LIMIT);
    }

    @Test
    void isWiderWithoutLiveRequestsAtThisBackend() {
        assertThat(usualLimit(Basis.PROBES, 0.5)).isBetween(1.9, 2.1);
    }

    @Test
    void isNotWiderForALittleKnownNextBackend() {
        Forecast slowed = forecast(prediction(Basis.LIVE, 0.4, 30), 30, LoadCurve.FLAT);
        assertAbout(limit(slowed, IN_FLIGHT, prediction(Basis.PROBES, 0.5, 1)), LIMIT);
    }

    @Test
    void isNotWiderForAForecastThatIsMoreUncertainThanAGuessFromOtherBackends() {
        assertThat(usualLimit(Basis.LIVE, 1)).isEqualTo(usualLimit(Basis.LIVE, 0.5));
    }

    @Test
    void doesNotExistWithoutLiveRequestsAnywhere() {
        assertThat(usualLimit(Basis.GUESS, 1)).isEqualTo(Long.MAX_VALUE / 1e9);
    }

    @Test
    void doesNotRiseWithASlowdownWhileTheNextBackendIsFast() {
        assertAbout(limitInSlowdown(30, 0.5), LIMIT);
    }

    @Test
    void risesWithASlowdownAsFarAsThatOfTheNextBackend() {
        assertAbout(limitInSlowdown(30, 3), 3 * LIMIT);
        assertThat(limitInSlowdown(3, 30)).isBetween(4 * LIMIT, 6 * LIMIT); // the uncertainty of 0.4 counts
    }

    @Test
    void doesNotRiseWithRequestsBeyondTheLoadWithResponses() {
        Prediction prediction = prediction(Basis.LIVE, 0, 1);
        Forecast forecast = forecast(prediction, 1, LoadCurve.flatUpTo(10));
        assertAbout(limit(forecast, 100, prediction), LIMIT);
        assertAbout(limit(forecast, 100, prediction(Basis.LIVE, 0, 3)), 3 * LIMIT);
    }
}
