package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.HEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.Observation.FailureKind.ERROR;
import static io.crowfly.probes.Observation.FailureKind.FORBIDDEN;
import static io.crowfly.probes.Observation.FailureKind.INTERRUPTED;
import static io.crowfly.probes.Observation.FailureKind.NO_DEPLOYMENT;
import static io.crowfly.probes.Observation.FailureKind.TIMED_OUT;
import static io.crowfly.probes.Observation.FailureKind.UNAUTHORIZED;
import static io.crowfly.probes.Observation.FailureKind.UNREACHABLE;
import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.value.Secret;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.Parking.Cause;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Effect of live requests' failures on a backend's health and on its parked models. {@link ModelHealthTest} has the
 * failures that may be one model's fault.
 */
class LiveHealthTest {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final long SECOND = 1_000_000_000L;

    private final Backend a = with(backend("a"), new Credential.Passthrough());
    private final Backend keyed = with(backend("keyed"), new Credential.ApiKey(new Secret("k")));
    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;
    private final ObservationFactory noModel = of("");
    private final ObservationFactory gpt = of("gpt-4o");
    private final ObservationFactory mini = of("gpt-4o-mini");

    private ObservationFactory of(String model) {
        return new ObservationFactory(scheduler, new RequestClass(Api.CHAT_COMPLETIONS, model, true));
    }

    @BeforeEach
    void bothAreHealthy() {
        fixture.prober.firstByte("a", 10);
        fixture.prober.firstByte("keyed", 10);
        fixture.update(a, keyed);
        scheduler.settle();
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(HEALTHY);
    }

    @AfterEach
    void close() {
        fixture.probes.close();
    }

    private void observe(Observation observation) {
        fixture.observer.accept(observation);
        scheduler.settle();
    }

    private void fail(Backend backend, FailureKind... kinds) {
        fail(gpt, backend, kinds);
    }

    private void fail(ObservationFactory of, Backend backend, FailureKind... kinds) {
        for (FailureKind kind : kinds) {
            observe(of.failed(backend, kind));
        }
    }

    @Test
    void isEjectedByTheFirstRequestWithoutAConnection() {
        fail(a, UNREACHABLE);
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
        assertThat(fixture.snapshot("a").reason()).isEqualTo("ejected: why");
        assertThat(fixture.names()).containsExactly("keyed", "a");
    }

    @Test
    void returnsFromBeingUnreachableOnlyAfterAPassedProbe() {
        fixture.prober.neverResponds("a");
        fail(a, UNREACHABLE);
        scheduler.advance(Duration.ofSeconds(30));
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);

        fixture.prober.firstByte("a", 10);
        scheduler.advance(Duration.ofSeconds(4));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void isEjectedAfterThreeFailuresInARowOfRequestsWithoutAModelAndReturns() {
        fail(noModel, a, ERROR, TIMED_OUT);
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        fail(noModel, a, INTERRUPTED);
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
        scheduler.advance(Duration.ofMillis(1300));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void publishesTheTimeOfTheReturnForSlowStart() {
        assertThat(fixture.snapshot("a").forecast(gpt.requestClass()).returnedAtNanos())
                .isEqualTo(Long.MIN_VALUE);
        scheduler.advance(Duration.ofSeconds(5));
        fail(noModel, a, ERROR, ERROR, ERROR);
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(fixture.snapshot("a").forecast(gpt.requestClass()).returnedAtNanos())
                .isBetween(6 * SECOND, 6 * SECOND + SECOND / 2);
    }

    @Test
    void aBackendThatFailsFastIsNotTheFastest() {
        for (int i = 0; i < 20; i++) {
            fixture.observer.accept(gpt.firstToken(a, 100));
            fixture.observer.accept(gpt.firstToken(keyed, 200));
        }
        scheduler.advance(TICK);
        long before = fixture.snapshot("a").latencyNanos();
        for (int i = 0; i < 10; i++) {
            fail(a, ERROR);
            observe(gpt.firstToken(a, 100));
        }
        assertThat(fixture.snapshot("a").latencyNanos()).isCloseTo(before, withinPercentage(5));
        assertThat(fixture.snapshot("a").failureShare()).isBetween(0.1, 0.6);
        assertThat(fixture.snapshot("keyed").failureShare()).isZero();
    }

    @Test
    void isEjectedAsUnauthorizedWhenItRejectsOurCredential() {
        fail(keyed, UNAUTHORIZED);
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(UNHEALTHY);
        assertThat(fixture.snapshot("keyed").unauthorized()).isTrue();
        scheduler.advance(Duration.ofSeconds(59));
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void aRejectedClientCredentialChangesNothing() {
        fail(a, UNAUTHORIZED, FORBIDDEN, UNAUTHORIZED, FORBIDDEN);
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("a").unauthorized()).isFalse();
        assertThat(fixture.snapshot("a").parked()).isEmpty();
        assertThat(fixture.snapshot("a").failureShare()).isZero();
    }

    @Test
    void returnsAfterAPassedProbeWithTheRepairedCredential() {
        fail(keyed, UNAUTHORIZED);
        fixture.prober.fails("keyed", "status 401");
        scheduler.advance(Duration.ofSeconds(5));
        assertThat(fixture.snapshot("keyed").ejected()).isTrue();
        fixture.prober.firstByte("keyed", 10);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("keyed").unauthorized()).isFalse();
    }

    @Test
    void doesNotReturnAfterAProbeWithoutTheCredential() {
        Backend touched = with(keyed, TestBackends.probe(new Probe.Kind.Tls()));
        fixture.update(a, touched);
        scheduler.settle();
        fail(touched, UNAUTHORIZED);
        fixture.prober.fails("keyed", "refused");
        scheduler.advance(Duration.ofSeconds(5));
        fixture.prober.firstByte("keyed", 10);
        scheduler.advance(Duration.ofSeconds(5));
        assertThat(fixture.snapshot("keyed").unauthorized()).isTrue();
        assertThat(fixture.snapshot("keyed").ejected()).isTrue();
    }

    @Test
    void returnsAfterARequestWithTheRepairedCredential() {
        fail(keyed, UNAUTHORIZED);
        scheduler.advance(Duration.ofSeconds(5));
        assertThat(fixture.snapshot("keyed").ejected()).isTrue();
        observe(gpt.firstToken(keyed, 100));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("keyed").unauthorized()).isFalse();
    }

    @Test
    void aMissingPermissionParksThatModelOnly() {
        fail(keyed, FORBIDDEN);
        assertThat(fixture.snapshot("keyed").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("keyed").unauthorized()).isFalse();
        assertThat(fixture.snapshot("keyed").failureShare()).isZero();
        assertThat(fixture.snapshot("keyed").parked()).containsOnlyKeys("gpt-4o");
        assertThat(fixture.snapshot("keyed").parked().get("gpt-4o").cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(fixture.snapshot("a").parked()).isEmpty();
    }

    @Test
    void aMissingDeploymentParksThatModelOnly() {
        fail(a, NO_DEPLOYMENT);
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("a").failureShare()).isZero();
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(fixture.snapshot("a").parked().get("gpt-4o").cause()).isEqualTo(Cause.NO_DEPLOYMENT);
        assertThat(fixture.snapshot("keyed").parked()).isEmpty();
    }

    @Test
    void throttlingParksThatModelUntilTheHintAndKeepsHealth() {
        fixture.observer.accept(gpt.firstToken(a, 100));
        fixture.observer.accept(mini.firstToken(a, 100));
        observe(gpt.throttled(a, 5 * SECOND));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("a").failureShare()).isZero();
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        scheduler.advance(Duration.ofMillis(4950));
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").parked()).isEmpty();
        assertThat(fixture.snapshot("a").forecast(gpt.requestClass()).returnedAtNanos())
                .isEqualTo(5 * SECOND);
        assertThat(fixture.snapshot("a").forecast(mini.requestClass()).returnedAtNanos())
                .isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aNearlyExhaustedQuotaParksAndAnAmpleOneDoesNot() {
        observe(gpt.quota(a, 0.5, SECOND));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").parked()).isEmpty();
        observe(gpt.quota(a, 0.01, 3 * SECOND));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(fixture.snapshot("a").parked()).isEmpty();
    }

    @Test
    void aShortQuotaDoesNotShortenALongerParking() {
        observe(gpt.throttled(a, 30 * SECOND));
        observe(gpt.quota(a, 0, SECOND)); // from the same response, or from another one in flight
        scheduler.advance(Duration.ofSeconds(20));
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        scheduler.advance(Duration.ofSeconds(10));
        assertThat(fixture.snapshot("a").parked()).isEmpty();
    }

    @Test
    void recordsFailuresAtOnceAndResponsesAtTheNextTick() {
        fixture.observer.accept(gpt.firstToken(a, 100));
        scheduler.settle();
        assertThat(fixture.snapshot("a").forecasts()).isEmpty();
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").forecasts()).containsOnlyKeys(gpt.requestClass());

        int published = fixture.rankings.size();
        fixture.observer.accept(gpt.throttled(a, SECOND));
        assertThat(fixture.snapshot("a").parked()).isEmpty(); // the work is not done on a loop's thread
        scheduler.settle();
        assertThat(fixture.snapshot("a").parked()).isNotEmpty();
        assertThat(fixture.rankings).hasSize(published + 1).last().isSameAs(fixture.probes.ranking());
    }

    @Test
    void recordsObservationsOfEveryLoop() {
        var otherLoop = fixture.probes.observer();
        fixture.observer.accept(noModel.failed(a, ERROR));
        otherLoop.accept(noModel.failed(a, ERROR));
        fixture.observer.accept(noModel.failed(a, ERROR));
        scheduler.settle();
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void ignoresObservationsOfAnotherEndpointOrOfARemovedBackend() {
        observe(gpt.failed(TestBackends.backendAt("a", "https://former.example"), UNREACHABLE));
        observe(gpt.failed(backend("gone"), UNREACHABLE));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void countsDroppedObservations() {
        for (int i = 0; i < 10_000; i++) {
            fixture.observer.accept(gpt.firstToken(a, 100));
        }
        assertThat(fixture.probes.droppedObservations()).isBetween(1L, 9_999L);
        long dropped = fixture.probes.droppedObservations();
        scheduler.advance(TICK);
        fixture.observer.accept(gpt.firstToken(a, 100));
        assertThat(fixture.probes.droppedObservations()).isEqualTo(dropped);
    }

    @Test
    void keepsParkingAndEjectionThroughAReload() {
        observe(gpt.throttled(a, 30 * SECOND));
        fail(noModel, a, ERROR, ERROR, ERROR);
        fixture.update(with(a, Map.of("gpt-4o", "gpt-4o-weu")), keyed);
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
        assertThat(fixture.snapshot("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(fixture.snapshot("a").failureShare()).isPositive();
    }

    @Test
    void evictsParkingOfModelNamesThatClientsInvented() {
        for (int i = 0; i < 1000; i++) {
            observe(of("made-up-" + i).failed(a, NO_DEPLOYMENT));
        }
        assertThat(fixture.snapshot("a").parked()).hasSizeLessThanOrEqualTo(256).containsKey("made-up-999");
        assertThat(fixture.probes.ranking().classes()).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void publishesNothingOnceClosed() {
        fixture.probes.close();
        Ranking last = fixture.probes.ranking();
        fixture.observer.accept(gpt.failed(a, UNREACHABLE));
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(fixture.probes.ranking()).isSameAs(last);
    }

    @Test
    void evictsTheEldestClassForAnyKindOfObservation() {
        fixture.update(a);
        scheduler.settle();
        for (int i = 0; i < 400; i++) {
            ObservationFactory of =
                    new ObservationFactory(scheduler, new RequestClass(Api.CHAT_COMPLETIONS, "made-up-" + i, true));
            fixture.observer.accept(i % 2 == 0 ? of.firstToken(a, 100, ProbeTimes.ABSENT) : of.overdue(a, 900));
            scheduler.advance(Duration.ofMillis(50));
        }
        assertThat(fixture.probes.ranking().classes()).hasSizeLessThanOrEqualTo(256);
    }
}
