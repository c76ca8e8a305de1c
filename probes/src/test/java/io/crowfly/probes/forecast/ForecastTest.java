package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Predictions of one forecast for several loads, in a slowdown and in ordinary times. */
class ForecastTest {

    private static final long KNOWN_IN_FLIGHT = 10;
    private static final double SLOWDOWN = 8;
    private static final double UNCERTAINTY = 0.4;
    private static final double SERVICE_NANOS = 100e6;

    private static Forecast forecast(double slowdown) {
        double ordinary = Math.log(SERVICE_NANOS);
        double level = ordinary + Math.log(slowdown);
        Prediction prediction = new Prediction(Prediction.Basis.LIVE, 0, level, 0.35, UNCERTAINTY, ProbeTimes.ABSENT);
        LoadCurve curve = LoadCurve.flatUpTo(KNOWN_IN_FLIGHT);
        return new Forecast(prediction, level, Long.MIN_VALUE, Long.MIN_VALUE, ordinary, curve);
    }

    private static double service(Prediction prediction) {
        return prediction.medianNanos() / SERVICE_NANOS;
    }

    @Test
    void requestsBeyondTheKnownLoadAreAssumedToQueue() {
        assertThat(service(forecast(1).predictionAt(3 * KNOWN_IN_FLIGHT))).isBetween(2.99, 3.01);
    }

    @Test
    void atKnownLoadRequestsBeyondItHaveNoEffect() {
        assertThat(service(forecast(1).predictionAtKnownLoad(3 * KNOWN_IN_FLIGHT)))
                .isBetween(0.99, 1.01);
        assertThat(service(forecast(SLOWDOWN).predictionAtKnownLoad(1))).isBetween(7.99, 8.01);
    }

    @Test
    void inOrdinaryTimesThereIsNoSlowdownAndNoUncertaintyOfOne() {
        Prediction ordinary = forecast(SLOWDOWN).ordinaryAtKnownLoad(3 * KNOWN_IN_FLIGHT);
        assertThat(service(ordinary)).isBetween(0.99, 1.01);
        assertThat(ordinary.uncertainty()).isZero();
        assertThat(forecast(0.5).ordinaryAtKnownLoad(1)).isEqualTo(forecast(0.5).prediction());
    }

    @Test
    void aPredictionOfNothingStaysUnknown() {
        Forecast unknown = new Forecast(
                Prediction.UNKNOWN, 0, Long.MIN_VALUE, Long.MIN_VALUE, 0, LoadCurve.flatUpTo(KNOWN_IN_FLIGHT));
        assertThat(unknown.ordinaryAtKnownLoad(100)).isEqualTo(Prediction.UNKNOWN);
        assertThat(unknown.predictionAtKnownLoad(100)).isEqualTo(Prediction.UNKNOWN);
    }
}
