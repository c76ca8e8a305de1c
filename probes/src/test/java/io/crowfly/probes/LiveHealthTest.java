package io.crowfly.probes;

import static io.crowfly.probes.Backends.backend;
import static io.crowfly.probes.Backends.with;
import static io.crowfly.probes.Observation.Strike.BROKEN;
import static io.crowfly.probes.Observation.Strike.FAILED;
import static io.crowfly.probes.Observation.Strike.FORBIDDEN;
import static io.crowfly.probes.Observation.Strike.NO_DEPLOYMENT;
import static io.crowfly.probes.Observation.Strike.SILENT;
import static io.crowfly.probes.Observation.Strike.UNAUTHORIZED;
import static io.crowfly.probes.Observation.Strike.UNREACHABLE;
import static io.crowfly.probes.Standing.Health.HEALTHY;
import static io.crowfly.probes.Standing.Health.UNHEALTHY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Secret;
import io.crowfly.probes.Observation.Strike;
import io.crowfly.probes.Parking.Cause;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What live requests' failures and refusals make of a backend's health and of its models. */
class LiveHealthTest {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final long SECOND = 1_000_000_000L;

    private final Backend a = with(backend("a"), new Credential.Passthrough());
    private final Backend keyed = with(backend("keyed"), new Credential.ApiKey(new Secret("k")));
    private final FakeWorld world = new FakeWorld();
    private final FakeTimeline timeline = world.timeline;
    private final Observations gpt = of("gpt-4o");
    private final Observations mini = of("gpt-4o-mini");

    private Observations of(String model) {
        return new Observations(timeline, new RequestClass(Api.CHAT_COMPLETIONS, model, true));
    }

    @BeforeEach
    void bothAreHealthy() {
        world.prober.firstByte("a", 10);
        world.prober.firstByte("keyed", 10);
        world.update(a, keyed);
        timeline.settle();
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("keyed").health()).isEqualTo(HEALTHY);
    }

    @AfterEach
    void close() {
        world.probes.close();
    }

    private void tell(Observation observation) {
        world.observer.accept(observation);
        timeline.settle();
    }

    private void fail(Backend backend, Strike... strikes) {
        for (Strike strike : strikes) {
            tell(gpt.failed(backend, strike));
        }
    }

    @Test
    void isOutWithTheFirstRequestThatCannotReachIt() {
        fail(a, UNREACHABLE);
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
        assertThat(world.standing("a").reason()).isEqualTo("ejected: why");
        assertThat(world.names()).containsExactly("keyed", "a");
    }

    @Test
    void isBackFromBeingOutOfReachOnlyOnceAProbeHasPassed() {
        world.prober.isSilent("a");
        fail(a, UNREACHABLE);
        timeline.advance(Duration.ofSeconds(30));
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);

        world.prober.firstByte("a", 10);
        timeline.advance(Duration.ofSeconds(4));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void isOutAfterThreeFailuresInARowOfAnyKindAndBackByItself() {
        fail(a, FAILED, SILENT);
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        fail(a, BROKEN);
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
        timeline.advance(Duration.ofMillis(1300));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void saysWhenItCameBackSoThatItIsFilledGently() {
        assertThat(world.standing("a").outlook(gpt.requestClass()).returnedAtNanos())
                .isEqualTo(Long.MIN_VALUE);
        timeline.advance(Duration.ofSeconds(5));
        fail(a, FAILED, FAILED, FAILED);
        timeline.advance(Duration.ofSeconds(2));
        assertThat(world.standing("a").outlook(gpt.requestClass()).returnedAtNanos())
                .isBetween(6 * SECOND, 6 * SECOND + SECOND / 2);
    }

    @Test
    void aBackendThatFailsFastIsNotTheFastest() {
        for (int i = 0; i < 20; i++) {
            world.observer.accept(gpt.answer(a, 100));
            world.observer.accept(gpt.answer(keyed, 200));
        }
        timeline.advance(TICK);
        long before = world.standing("a").latencyNanos();
        for (int i = 0; i < 10; i++) {
            fail(a, FAILED);
            tell(gpt.answer(a, 100));
        }
        assertThat(world.standing("a").latencyNanos()).isCloseTo(before, withinPercentage(5));
        assertThat(world.standing("a").failureShare()).isBetween(0.1, 0.6);
        assertThat(world.standing("keyed").failureShare()).isZero();
    }

    @Test
    void ourOwnCredentialRefusedTakesItOutWithAnAlarm() {
        fail(keyed, UNAUTHORIZED);
        assertThat(world.standing("keyed").health()).isEqualTo(UNHEALTHY);
        assertThat(world.standing("keyed").unauthorized()).isTrue();
        timeline.advance(Duration.ofSeconds(59));
        assertThat(world.standing("keyed").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void aClientsOwnCredentialRefusedSaysNothing() {
        fail(a, UNAUTHORIZED, FORBIDDEN, UNAUTHORIZED, FORBIDDEN);
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("a").unauthorized()).isFalse();
        assertThat(world.standing("a").parked()).isEmpty();
        assertThat(world.standing("a").failureShare()).isZero();
    }

    @Test
    void aProbeThatTheMendedCredentialLetsPassBringsItBack() {
        fail(keyed, UNAUTHORIZED);
        world.prober.fails("keyed", "status 401");
        timeline.advance(Duration.ofSeconds(5));
        assertThat(world.standing("keyed").ejected()).isTrue();
        world.prober.firstByte("keyed", 10);
        timeline.advance(Duration.ofSeconds(3));
        assertThat(world.standing("keyed").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("keyed").unauthorized()).isFalse();
    }

    @Test
    void aProbeThatDoesNotShowTheCredentialBringsNothingBack() {
        Backend touched = with(keyed, Backends.probe(new Probe.Kind.Tls()));
        world.update(a, touched);
        timeline.settle();
        fail(touched, UNAUTHORIZED);
        world.prober.fails("keyed", "refused");
        timeline.advance(Duration.ofSeconds(5));
        world.prober.firstByte("keyed", 10);
        timeline.advance(Duration.ofSeconds(5));
        assertThat(world.standing("keyed").unauthorized()).isTrue();
        assertThat(world.standing("keyed").ejected()).isTrue();
    }

    @Test
    void aRequestThatTheMendedCredentialLetsInBringsItBack() {
        fail(keyed, UNAUTHORIZED);
        timeline.advance(Duration.ofSeconds(5));
        assertThat(world.standing("keyed").ejected()).isTrue();
        tell(gpt.answer(keyed, 100));
        timeline.advance(TICK);
        assertThat(world.standing("keyed").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("keyed").unauthorized()).isFalse();
    }

    @Test
    void whatIsForbiddenParksThatModelOnly() {
        fail(keyed, FORBIDDEN);
        assertThat(world.standing("keyed").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("keyed").unauthorized()).isFalse();
        assertThat(world.standing("keyed").failureShare()).isZero();
        assertThat(world.standing("keyed").parked()).containsOnlyKeys("gpt-4o");
        assertThat(world.standing("keyed").parked().get("gpt-4o").cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(world.standing("a").parked()).isEmpty();
    }

    @Test
    void aMissingDeploymentParksThatModelOnly() {
        fail(a, NO_DEPLOYMENT);
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("a").failureShare()).isZero();
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(world.standing("a").parked().get("gpt-4o").cause()).isEqualTo(Cause.NO_DEPLOYMENT);
        assertThat(world.standing("keyed").parked()).isEmpty();
    }

    @Test
    void throttlingParksThatModelUntilTheHintAndLeavesHealthAlone() {
        world.observer.accept(gpt.answer(a, 100));
        world.observer.accept(mini.answer(a, 100));
        tell(gpt.throttled(a, 5 * SECOND));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("a").failureShare()).isZero();
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        timeline.advance(Duration.ofMillis(4950));
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        timeline.advance(TICK);
        assertThat(world.standing("a").parked()).isEmpty();
        assertThat(world.standing("a").outlook(gpt.requestClass()).returnedAtNanos())
                .isEqualTo(5 * SECOND);
        assertThat(world.standing("a").outlook(mini.requestClass()).returnedAtNanos())
                .isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aQuotaThatIsNearlyUsedUpParksAndAnAmpleOneDoesNot() {
        tell(gpt.quota(a, 0.5, SECOND));
        timeline.advance(TICK);
        assertThat(world.standing("a").parked()).isEmpty();
        tell(gpt.quota(a, 0.01, 3 * SECOND));
        timeline.advance(TICK);
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        timeline.advance(Duration.ofSeconds(3));
        assertThat(world.standing("a").parked()).isEmpty();
    }

    @Test
    void aShortQuotaDoesNotCutALongerParkingShort() {
        tell(gpt.throttled(a, 30 * SECOND));
        tell(gpt.quota(a, 0, SECOND)); // the very same answer tells of it, or one that was under way
        timeline.advance(Duration.ofSeconds(20));
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        timeline.advance(Duration.ofSeconds(10));
        assertThat(world.standing("a").parked()).isEmpty();
    }

    @Test
    void learnsOfFailuresAtOnceAndOfAnswersByTheTick() {
        world.observer.accept(gpt.answer(a, 100));
        timeline.settle();
        assertThat(world.standing("a").outlooks()).isEmpty();
        timeline.advance(TICK);
        assertThat(world.standing("a").outlooks()).containsOnlyKeys(gpt.requestClass());

        int heard = world.heard.size();
        world.observer.accept(gpt.throttled(a, SECOND));
        assertThat(world.standing("a").parked()).isEmpty(); // a loop's thread does not do the work
        timeline.settle();
        assertThat(world.standing("a").parked()).isNotEmpty();
        assertThat(world.heard).hasSize(heard + 1).last().isSameAs(world.probes.ranking());
    }

    @Test
    void hearsEveryLoop() {
        var otherLoop = world.probes.observer();
        world.observer.accept(gpt.failed(a, FAILED));
        otherLoop.accept(gpt.failed(a, FAILED));
        world.observer.accept(gpt.failed(a, FAILED));
        timeline.settle();
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void ignoresWhatIsToldOfAnotherEndpointOrOfOneThatIsGone() {
        tell(gpt.failed(Backends.backendAt("a", "https://former.example"), UNREACHABLE));
        tell(gpt.failed(backend("gone"), UNREACHABLE));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
    }

    @Test
    void countsWhatItHadToDrop() {
        for (int i = 0; i < 10_000; i++) {
            world.observer.accept(gpt.answer(a, 100));
        }
        assertThat(world.probes.droppedObservations()).isBetween(1L, 9_999L);
        long dropped = world.probes.droppedObservations();
        timeline.advance(TICK);
        world.observer.accept(gpt.answer(a, 100));
        assertThat(world.probes.droppedObservations()).isEqualTo(dropped);
    }

    @Test
    void keepsWhatWasParkedAndEjectedThroughAReload() {
        tell(gpt.throttled(a, 30 * SECOND));
        fail(a, FAILED, FAILED, FAILED);
        world.update(with(a, Map.of("gpt-4o", "gpt-4o-weu")), keyed);
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
        assertThat(world.standing("a").parked()).containsOnlyKeys("gpt-4o");
        assertThat(world.standing("a").failureShare()).isPositive();
    }

    @Test
    void forgetsParkingOfNamesThatClientsMadeUp() {
        for (int i = 0; i < 1000; i++) {
            tell(of("made-up-" + i).failed(a, NO_DEPLOYMENT));
        }
        assertThat(world.standing("a").parked()).hasSizeLessThanOrEqualTo(256).containsKey("made-up-999");
        assertThat(world.probes.ranking().classes()).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void isSilentOnceClosed() {
        world.probes.close();
        Ranking last = world.probes.ranking();
        world.observer.accept(gpt.failed(a, UNREACHABLE));
        timeline.advance(Duration.ofSeconds(1));
        assertThat(world.probes.ranking()).isSameAs(last);
    }

    @Test
    void forgetsTheEldestClassWhicheverObservationBringsAnother() {
        world.update(a);
        timeline.settle();
        for (int i = 0; i < 400; i++) {
            Observations of = new Observations(timeline, new RequestClass(Api.CHAT_COMPLETIONS, "made-up-" + i, true));
            world.observer.accept(i % 2 == 0 ? of.answer(a, 100, ProbeTimes.ABSENT) : of.overdue(a, 900));
            timeline.advance(Duration.ofMillis(50));
        }
        assertThat(world.probes.ranking().classes()).hasSizeLessThanOrEqualTo(256);
    }
}
