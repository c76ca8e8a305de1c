package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SPREAD;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.cost;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.conf.Policy;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HedgeRuleTest {

    private static final int[] FIRST = {0};

    private final List<Candidate> list = new ArrayList<>();
    private final long[] inFlight = new long[4];
    private long tierToleranceNanos = 50 * MILLI;
    private boolean returning;

    private void candidate(int tier, Forecast forecast) {
        int index = list.size();
        double millis = (double) forecast.prediction().meanNanos() / MILLI;
        list.add(new Candidate(
                index,
                snapshot(backend("b" + index, tier, Map.of()), 100),
                ModelHealth.HEALTHY,
                forecast,
                cost(millis, forecast.loadCurve()),
                0,
                returning,
                ""));
    }

    private void candidate(double millis) {
        candidate(1, forecast(millis));
    }

    private static Forecast with(LoadCurve curve, double millis) {
        Forecast flat = forecast(millis);
        return new Forecast(
                flat.prediction(),
                flat.optimisticLogService(),
                flat.observedAtNanos(),
                flat.returnedAtNanos(),
                flat.ordinaryLogService(),
                curve);
    }

    /** Returns the place of a hedge beside an attempt at the first candidate. */
    private int place(long waitedMillis) {
        Candidates candidates = new Candidates(
                Policy.LOWEST_LATENCY,
                list,
                list.size(),
                true,
                false,
                Optional.empty(),
                0,
                Exploration.NONE,
                Tiers.ONE);
        return HedgeRule.place(
                candidates, index -> inFlight[index], FIRST, 1, waitedMillis * MILLI, tierToleranceNanos);
    }

    @Test
    void anAttemptGetsAHedgeAfterThe95thPercentileOfItsForecast() {
        Prediction prediction = forecast(100, 100, 0.5, 100).prediction();
        long p95 = (long) (prediction.medianNanos() * Math.exp(1.645 * SPREAD));

        assertThat(HedgeRule.delayNanos(prediction)).isBetween(p95 - MILLI, p95 + MILLI);
    }

    @Test
    void anAttemptWithoutAForecastGetsNoHedge() {
        assertThat(HedgeRule.delayNanos(Prediction.UNKNOWN)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aHedgeGoesToTheCheapestUntriedBackend() {
        candidate(100);
        candidate(120);
        candidate(110);
        assertThat(place(300)).isEqualTo(2);
    }

    @Test
    void noHedgeGoesToABackendThatTakesLongerThanTheRequestHasWaited() {
        candidate(100);
        candidate(250);

        assertThat(place(240)).isEqualTo(Chooser.NONE);
        assertThat(place(260)).isEqualTo(1);
    }

    @Test
    void noHedgeGoesToABackendWithMoreRequestsThanItIsKnownToServeWell() {
        candidate(100);
        candidate(1, with(LoadCurve.flatUpTo(10), 110));
        candidate(150);
        inFlight[1] = 9;
        assertThat(place(300)).isEqualTo(1);
        inFlight[1] = 10;
        assertThat(place(300)).isEqualTo(2);
    }

    @Test
    void noHedgeGoesToABackendThatIsSlowerThanInOrdinaryTimes() {
        candidate(100);
        candidate(1, forecast(100, 140, 0.02, 100));

        assertThat(place(300)).isEqualTo(Chooser.NONE);
    }

    @Test
    void noHedgeGoesToABackendThatHasJustReturned() {
        candidate(100);
        returning = true;
        candidate(110);

        assertThat(place(300)).isEqualTo(Chooser.NONE);
    }

    @Test
    void aHigherTierGetsAHedgeOnlyIfNoLowerOneCan() {
        candidate(100);
        candidate(1, forecast(200));
        candidate(2, forecast(50));

        assertThat(place(300)).isEqualTo(1);
        assertThat(place(150)).isEqualTo(2);
    }

    @Test
    void aHigherTierGetsAHedgeOnlyAfterTheTolerance() {
        candidate(100);
        candidate(2, forecast(150));

        assertThat(place(190)).isEqualTo(Chooser.NONE);
        assertThat(place(210)).isEqualTo(1);
        tierToleranceNanos = Long.MAX_VALUE;
        assertThat(place(10_000)).isEqualTo(Chooser.NONE);
    }
}
