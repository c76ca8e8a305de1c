package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.probes.forecast.Prediction.Basis;
import org.junit.jupiter.api.Test;

class PredictionTest {

    private static final long NETWORK = 10_000_000;
    private static final long SERVICE = 100_000_000;
    private static final Prediction USUAL = of(Math.log(SERVICE), 0.4, 0.3);

    private static Prediction of(double logService, double spread, double uncertainty) {
        return new Prediction(Basis.LIVE, NETWORK, logService, spread, uncertainty, ProbeTimes.ABSENT);
    }

    @Test
    void addsTheNetworkToALogNormalService() {
        assertThat(USUAL.medianNanos()).isCloseTo(NETWORK + SERVICE, withinPercentage(0.001));
        assertThat(USUAL.meanNanos()).isCloseTo(NETWORK + (long) (SERVICE * Math.exp(0.08)), withinPercentage(0.001));
        assertThat(USUAL.overdueNanos())
                .isCloseTo(NETWORK + (long) (SERVICE * Math.exp(1.645 * 0.4)), withinPercentage(0.001));
        assertThat(USUAL.quantileNanos(Prediction.P95))
                .isCloseTo(NETWORK + (long) (SERVICE * Math.exp(1.645 * 0.5)), withinPercentage(0.001));
    }

    @Test
    void aLargerPromptSlowsTheServiceAndNotTheNetwork() {
        assertThat(USUAL.atSize(Math.log(3)).medianNanos()).isCloseTo(NETWORK + 3 * SERVICE, withinPercentage(0.001));
    }

    @Test
    void isAbsentIfNothingIsKnown() {
        assertThat(Prediction.UNKNOWN.known()).isFalse();
        assertThat(Prediction.UNKNOWN.medianNanos()).isEqualTo(ProbeTimes.ABSENT);
        assertThat(Prediction.UNKNOWN.meanNanos()).isEqualTo(ProbeTimes.ABSENT);
    }

    @Test
    void isPositiveForExtremeFigures() {
        for (Prediction wild : new Prediction[] {of(1000, 5, 1), of(30, 50, 50), of(-1000, 0.02, 0.01)}) {
            assertThat(wild.medianNanos()).isGreaterThan(NETWORK);
            assertThat(wild.meanNanos()).isGreaterThan(NETWORK);
            assertThat(wild.overdueNanos()).isGreaterThan(NETWORK);
            assertThat(wild.quantileNanos(Prediction.P999)).isGreaterThan(NETWORK);
        }
    }
}
