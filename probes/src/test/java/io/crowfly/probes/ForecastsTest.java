package io.crowfly.probes;

import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Forecasts for each backend and class, from probes and live requests. */
class ForecastsTest {

    private static final Duration TICK = Duration.ofMillis(50);

    /** Probes take 10 ms, which is the network part. */
    private final Backend a = backend("a");

    private final Backend b = backend("b");
    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;
    private final ObservationFactory gpt = of("gpt-4o");
    private final ObservationFactory mini = of("gpt-4o-mini");

    private ObservationFactory of(String model) {
        return new ObservationFactory(scheduler, new RequestClass(Api.CHAT_COMPLETIONS, model, true));
    }

    @BeforeEach
    void areProbed() {
        fixture.prober.firstByte("a", 10);
        fixture.prober.firstByte("b", 10);
        fixture.update(a, b);
        scheduler.settle();
    }

    @AfterEach
    void close() {
        fixture.probes.close();
    }

    private void observeFirstTokens(ObservationFactory of, Backend backend, int count, long millis) {
        for (int i = 0; i < count; i++) {
            fixture.observer.accept(of.firstToken(backend, millis));
            scheduler.advance(TICK);
        }
    }

    private Forecast forecast(String backend, ObservationFactory of) {
        return fixture.snapshot(backend).forecast(of.requestClass());
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    @Test
    void guessesBeforeTheFirstRequest() {
        Prediction prediction = forecast("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.GUESS);
        assertThat(prediction.networkNanos()).isCloseTo(millis(10), withinPercentage(1));
        assertThat(prediction.medianNanos()).isBetween(millis(100), millis(1000));
        assertThat(prediction.uncertainty()).isGreaterThanOrEqualTo(1);
        assertThat(forecast("a", gpt).observedAtNanos()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void learnsFromLiveRequestsAndSeparatesNetworkAndService() {
        observeFirstTokens(gpt, a, 50, 110);
        Prediction prediction = forecast("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.LIVE);
        assertThat(prediction.medianNanos()).isCloseTo(millis(110), withinPercentage(2));
        assertThat(Math.exp(prediction.logService())).isCloseTo(millis(100), withinPercentage(2));
        assertThat(fixture.snapshot("a").latencyNanos()).isEqualTo(prediction.medianNanos());
    }

    @Test
    void aLongerRouteChangesThePredictionBeforeTheNextRequest() {
        observeFirstTokens(gpt, a, 50, 110);
        fixture.prober.firstByte("a", 60);
        scheduler.advance(Duration.ofSeconds(4));
        assertThat(forecast("a", gpt).prediction().medianNanos()).isCloseTo(millis(160), withinPercentage(5));
    }

    @Test
    void guessesANewClassFromOtherBackends() {
        observeFirstTokens(gpt, a, 50, 110);
        Prediction guess = forecast("b", gpt).prediction();
        assertThat(guess.basis()).isEqualTo(Basis.PROBES);
        assertThat(guess.medianNanos()).isCloseTo(millis(110), withinPercentage(2));
        assertThat(guess.uncertainty())
                .isGreaterThan(2 * forecast("a", gpt).prediction().uncertainty());
    }

    @Test
    void guessesWithLessUncertaintyFromTheBackendsOtherClasses() {
        observeFirstTokens(gpt, a, 50, 110);
        double byOtherBackends = forecast("b", gpt).prediction().uncertainty();
        observeFirstTokens(mini, a, 50, 60);
        observeFirstTokens(mini, b, 50, 110); // twice the service time
        Prediction guess = forecast("b", gpt).prediction();
        assertThat(Math.exp(guess.logService())).isCloseTo(millis(200), withinPercentage(10));
        assertThat(guess.uncertainty()).isLessThan(byOtherBackends);
    }

    @Test
    void theOptimisticTimeOfASlowBackendIsTheOrdinaryOne() {
        observeFirstTokens(gpt, a, 400, 110);
        observeFirstTokens(gpt, a, 50, 410);
        assertThat(forecast("a", gpt).prediction().medianNanos()).isCloseTo(millis(410), withinPercentage(5));
        assertThat(forecast("a", gpt).optimisticNanos()).isCloseTo(millis(110), withinPercentage(15));
        assertThat(forecast("a", gpt).ordinaryNanos()).isCloseTo(millis(110), withinPercentage(15));
    }

    @Test
    void anOverdueRequestRaisesThePredictionBeforeItsResponse() {
        observeFirstTokens(gpt, a, 50, 110);
        long before = forecast("a", gpt).prediction().medianNanos();
        for (int i = 0; i < 5; i++) {
            fixture.observer.accept(gpt.overdue(a, 300));
        }
        scheduler.advance(TICK);
        assertThat(forecast("a", gpt).prediction().medianNanos()).isGreaterThan(2 * before);
    }

    @Test
    void aModelThatWasEjectedForItsSilenceIsNotSlowAfterwards() {
        observeFirstTokens(gpt, a, 150, 100);
        long ordinary = forecast("a", gpt).prediction().medianNanos();
        for (int i = 0; i < 8; i++) {
            fixture.observer.accept(gpt.overdue(a, 900));
            scheduler.advance(TICK);
        }
        assertThat(forecast("a", gpt).prediction().medianNanos()).isGreaterThan(2 * ordinary);
        for (int i = 0; i < 3; i++) {
            fixture.observer.accept(gpt.failed(a, Observation.FailureKind.TIMED_OUT));
        }
        fixture.observer.accept(gpt.overdue(a, 2000));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").model("gpt-4o").isEjected()).isTrue();
        assertThat(forecast("a", gpt).prediction().medianNanos()).isCloseTo(ordinary, withinPercentage(30));
    }

    @Test
    void aFastResponseCountsOnlyWhenItWouldHaveBeenOverdue() {
        fixture.observer.accept(gpt.firstTokenAmongOthers(a, 100, 400));
        scheduler.advance(Duration.ofMillis(250));
        assertThat(forecast("a", gpt).prediction().basis()).isEqualTo(Basis.GUESS);
        scheduler.advance(Duration.ofMillis(50));
        assertThat(forecast("a", gpt).prediction().basis()).isEqualTo(Basis.LIVE);
    }

    @Test
    void usesTheServerTimeForTheNetworkPart() {
        for (int i = 0; i < 400; i++) {
            fixture.observer.accept(gpt.firstToken(a, 110, 70));
            scheduler.advance(TICK);
        }
        Prediction prediction = forecast("a", gpt).prediction();
        assertThat(prediction.networkNanos()).isCloseTo(millis(40), withinPercentage(2));
        assertThat(prediction.medianNanos()).isCloseTo(millis(110), withinPercentage(5));
    }

    @Test
    void noResponseIsFasterThanTheNetworkPart() {
        for (int i = 0; i < 30; i++) {
            fixture.observer.accept(gpt.firstToken(a, 1000, 5)); // waits in a queue, which the server time leaves out
            scheduler.advance(TICK);
        }
        assertThat(forecast("a", gpt).prediction().networkNanos()).isGreaterThan(millis(500));
        fixture.observer.accept(gpt.firstToken(a, 30));
        scheduler.advance(TICK);
        assertThat(forecast("a", gpt).prediction().networkNanos()).isLessThanOrEqualTo(millis(30));
        fixture.observer.accept(gpt.firstToken(a, 30, 18));
        scheduler.advance(TICK);
        assertThat(forecast("a", gpt).prediction().networkNanos()).isCloseTo(millis(12), withinPercentage(5));
    }

    @Test
    void learnsTheTimeBetweenTokensAndTheirNumber() {
        observeFirstTokens(gpt, a, 1, 110);
        assertThat(forecast("a", gpt).prediction().tokenNanos()).isEqualTo(ProbeTimes.ABSENT);
        fixture.observer.accept(gpt.streamCompleted(a, 100, 2000));
        scheduler.advance(TICK);
        assertThat(forecast("a", gpt).prediction().tokenNanos()).isEqualTo(millis(20));
        assertThat(fixture.probes.ranking().classes().get(gpt.requestClass()).expectedTokens())
                .isEqualTo(100);
    }

    @Test
    void uncertaintyFallsWithSamplesAndGrowsWithTime() {
        observeFirstTokens(gpt, a, 5, 110);
        double early = forecast("a", gpt).prediction().uncertainty();
        observeFirstTokens(gpt, a, 100, 110);
        double often = forecast("a", gpt).prediction().uncertainty();
        assertThat(often).isLessThan(early);
        scheduler.advance(Duration.ofMinutes(5));
        assertThat(forecast("a", gpt).prediction().uncertainty()).isGreaterThan(2 * often);
    }

    @Test
    void anInferenceProbeTeachesItsModelsClass() {
        fixture.prober.firstByte("a", 300);
        fixture.update(with(a, TestBackends.probe(new Probe.Kind.Inference("gpt-4o", true))), b);
        scheduler.settle();
        scheduler.advance(Duration.ofSeconds(2)); // without a change of health, published with the next ranking
        Prediction prediction = forecast("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.LIVE);
        assertThat(prediction.networkNanos()).isZero();
        assertThat(prediction.medianNanos()).isCloseTo(millis(300), withinPercentage(1));
    }

    @Test
    void dropsLiveLatenciesWhenTheKindOfProbeChanges() {
        observeFirstTokens(gpt, a, 50, 110);
        fixture.update(with(a, TestBackends.probe(new Probe.Kind.Tcp())), b);
        assertThat(forecast("a", gpt).prediction().basis()).isEqualTo(Basis.GUESS);
    }

    @Test
    void aForecastIsAFunctionOfOurRequestsInFlight() {
        for (int i = 0; i < 1000; i++) {
            fixture.observer.accept(busy(1 + i % 5, 110));
            fixture.observer.accept(busy(40, 170));
            scheduler.advance(Duration.ofMillis(10));
        }
        assertThat(forecast("a", gpt).predictionAt(1).medianNanos()).isCloseTo(millis(110), withinPercentage(10));
        assertThat(forecast("a", gpt).predictionAt(40).medianNanos()).isCloseTo(millis(170), withinPercentage(10));
    }

    private Observation busy(long inFlight, long millis) {
        return new Observation.FirstToken(
                a,
                gpt.requestClass(),
                ObservationFactory.BYTES,
                inFlight,
                millis(millis),
                ProbeTimes.ABSENT,
                ProbeTimes.ABSENT,
                false,
                scheduler.nanoTime());
    }
}
