package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.HEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.Observation.FailureKind.ERROR;
import static io.crowfly.probes.Observation.FailureKind.INTERRUPTED;
import static io.crowfly.probes.Observation.FailureKind.TIMED_OUT;
import static io.crowfly.probes.Observation.FailureKind.UNREACHABLE;
import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.probes.ModelHealth.Cause;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Effect of failures that one model may have caused: on the model, and on its whole backend if most models fail. */
class ModelHealthTest {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final long SECOND = 1_000_000_000L;

    /** Above the longest first ejection, with its jitter. */
    private static final Duration AFTER_FIRST_EJECTION = Duration.ofMillis(1350);

    private final Backend a = with(
            backend("a"),
            new TreeMap<>(Map.of("m0", "", "m1", "", "m2", "", "m3", "", "m4", "", "gpt", "", "mini", "")));

    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;

    private ObservationFactory of(String model) {
        return new ObservationFactory(scheduler, new RequestClass(Api.CHAT_COMPLETIONS, model, true));
    }

    @BeforeEach
    void isHealthy() {
        fixture.prober.firstByte("a", 10);
        fixture.update(a);
        scheduler.settle();
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
    }

    @AfterEach
    void close() {
        fixture.probes.close();
    }

    private BackendSnapshot snapshot() {
        return fixture.snapshot("a");
    }

    private void fail(String model, FailureKind kind, int times) {
        for (int i = 0; i < times; i++) {
            fixture.observer.accept(of(model).failed(a, kind));
        }
        scheduler.settle();
    }

    private void respond(String model, int times) {
        for (int i = 0; i < times; i++) {
            fixture.observer.accept(of(model).firstToken(a, 100));
        }
        scheduler.advance(TICK);
    }

    private List<String> ejected() {
        List<String> ejected = new ArrayList<>();
        snapshot().models().forEach((model, health) -> {
            if (health.isEjected()) {
                ejected.add(model);
            }
        });
        return ejected;
    }

    @ParameterizedTest
    @CsvSource({"ERROR, ERROR", "TIMED_OUT, TIMED_OUT", "INTERRUPTED, INTERRUPTED"})
    void threeFailuresInARowEjectTheirModelAndNothingElse(FailureKind kind, Cause cause) {
        fail("gpt", kind, 2);
        assertThat(ejected()).isEmpty();
        fail("gpt", kind, 1);
        assertThat(ejected()).containsExactly("gpt");
        ModelHealth.Ejected ejection = snapshot().model("gpt").ejection().orElseThrow();
        assertThat(ejection.cause()).isEqualTo(cause);
        assertThat(ejection.reason()).isEqualTo("3 failures in a row: why");
        assertThat(ejection.untilNanos()).isBetween(SECOND, SECOND * 5 / 4);
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
        assertThat(snapshot().model("mini")).isEqualTo(ModelHealth.HEALTHY);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(ejected()).isEmpty();
    }

    @Test
    void failuresOfDifferentModelsAreNotInARow() {
        for (String model : List.of("m0", "m1", "m2", "m3", "m4")) {
            fail(model, ERROR, 2);
        }
        assertThat(ejected()).isEmpty();
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
    }

    @Test
    void aResponseOfAnotherModelDoesNotEndARow() {
        fail("gpt", ERROR, 2);
        respond("mini", 5);
        fail("gpt", ERROR, 1);
        assertThat(ejected()).containsExactly("gpt");
    }

    @Test
    void aResponseOfTheModelEndsARow() {
        fail("gpt", ERROR, 2);
        respond("gpt", 1);
        fail("gpt", ERROR, 2);
        assertThat(ejected()).isEmpty();
    }

    @Test
    void requestsWithoutAModelCountForTheBackend() {
        fail("", ERROR, 3);
        assertThat(snapshot().ejected()).isTrue();
        assertThat(snapshot().reason()).isEqualTo("ejected: 3 failures in a row: why");
        assertThat(snapshot().models().get("").isEjected()).isFalse();
    }

    @Test
    void theFailureShareBelongsToTheModel() {
        respond("gpt", 10);
        respond("mini", 10);
        fail("gpt", ERROR, 1);
        assertThat(snapshot().model("gpt").failureShare()).isPositive();
        assertThat(snapshot().model("mini").failureShare()).isZero();
        assertThat(snapshot().failureShare()).isPositive();
    }

    @Test
    void afterAnEjectionTheFirstResponseEndsTheCostOfTheFault() {
        respond("gpt", 5);
        fail("gpt", ERROR, 1);
        respond("gpt", 1);
        double before = snapshot().model("gpt").failureShare();
        fail("gpt", ERROR, 3);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(snapshot().model("gpt").failureShare()).isGreaterThan(3 * before);
        respond("gpt", 1);
        assertThat(snapshot().model("gpt").failureShare()).isPositive().isLessThan(before);
    }

    @Test
    void failuresThatEjectNothingStayInTheShare() {
        respond("gpt", 5);
        fail("gpt", ERROR, 2);
        respond("gpt", 1);
        assertThat(snapshot().model("gpt").failureShare()).isGreaterThan(0.08);
    }

    @Test
    void ejectionsOfAModelGrowToSixSeconds() {
        fail("gpt", ERROR, 2);
        for (int seconds : new int[] {1, 2, 4, 6, 6}) {
            fail("gpt", ERROR, 1);
            long until = snapshot().model("gpt").ejection().orElseThrow().untilNanos() - scheduler.nanoTime();
            assertThat(until).isBetween(seconds * SECOND, seconds * SECOND * 5 / 4);
            scheduler.advance(Duration.ofNanos(until).plus(TICK));
            assertThat(ejected()).isEmpty();
        }
    }

    @Test
    void aLateFailureOfARequestSentBeforeTheEjectionDoesNotEjectAgain() {
        scheduler.advance(Duration.ofSeconds(5));
        fail("gpt", TIMED_OUT, 3);
        scheduler.advance(AFTER_FIRST_EJECTION);
        fixture.observer.accept(of("gpt").failedAfter(a, TIMED_OUT, 3000));
        scheduler.settle();
        assertThat(ejected()).isEmpty();
        fixture.observer.accept(of("gpt").failedAfter(a, TIMED_OUT, 100));
        scheduler.settle();
        assertThat(ejected()).containsExactly("gpt");
    }

    @Test
    void publishesTheTimeOfTheModelsReturnForSlowStart() {
        respond("gpt", 3);
        respond("mini", 3);
        fail("gpt", ERROR, 3);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(snapshot().forecast(of("gpt").requestClass()).returnedAtNanos())
                .isBetween(SECOND, scheduler.nanoTime());
        assertThat(snapshot().forecast(of("mini").requestClass()).returnedAtNanos())
                .isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aModelWhoseResponsesAreAllInterruptedIsEjected() {
        for (int i = 0; i < 3; i++) {
            respond("gpt", 1);
            fail("gpt", INTERRUPTED, 1);
        }
        assertThat(ejected()).containsExactly("gpt");
        scheduler.advance(AFTER_FIRST_EJECTION);
        respond("gpt", 1);
        fail("gpt", INTERRUPTED, 1);
        assertThat(ejected()).containsExactly("gpt");
    }

    @Test
    void occasionalInterruptionsDoNotEject() {
        for (int i = 0; i < 20; i++) {
            respond("gpt", 6);
            fail("gpt", INTERRUPTED, 1);
            assertThat(ejected()).isEmpty();
        }
    }

    // The whole backend.

    @Test
    void isEjectedWhenAllItsModelsFail() {
        fail("gpt", ERROR, 3);
        assertThat(snapshot().ejected()).isFalse();
        fail("mini", TIMED_OUT, 3);
        assertThat(snapshot().ejected()).isTrue();
        assertThat(snapshot().health()).isEqualTo(UNHEALTHY);
        assertThat(snapshot().reason())
                .isEqualTo("ejected: 2 of 2 models fail"
                        + " (gpt: 3 failures in a row: why; mini: 3 failures in a row: why)");
        assertThat(ejected()).containsExactlyInAnyOrder("gpt", "mini");
    }

    @Test
    void isEjectedWhenMostModelsFail() {
        List.of("m0", "m1", "m2").forEach(model -> respond(model, 3));
        fail("m0", ERROR, 3);
        assertThat(snapshot().ejected()).isFalse();
        fail("m1", ERROR, 3);
        assertThat(snapshot().ejected()).isTrue();
    }

    @Test
    void isNotEjectedWhenHalfOfItsModelsFail() {
        List.of("m0", "m1", "m2", "m3").forEach(model -> respond(model, 3));
        fail("m0", ERROR, 3);
        fail("m1", ERROR, 3);
        assertThat(ejected()).containsExactlyInAnyOrder("m0", "m1");
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void isNotEjectedByItsOnlyModel() {
        respond("gpt", 10);
        fail("gpt", ERROR, 10);
        assertThat(ejected()).containsExactly("gpt");
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void modelsServedLongAgoDoNotCount() {
        List.of("m0", "m1", "m2", "m3").forEach(model -> respond(model, 3));
        scheduler.advance(Duration.ofMinutes(2));
        fail("m0", ERROR, 3);
        fail("m1", ERROR, 3);
        assertThat(snapshot().ejected()).isTrue();
    }

    @Test
    void isEjectedAgainByOneFailureUntilAResponse() {
        fail("gpt", ERROR, 3);
        fail("mini", ERROR, 3);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
        fail("m0", ERROR, 1);
        assertThat(snapshot().reason()).isEqualTo("ejected: no response since the last ejection: why");
        scheduler.advance(Duration.ofMillis(1900));
        assertThat(snapshot().ejected()).isTrue();
        scheduler.advance(Duration.ofMillis(700));
        assertThat(snapshot().ejected()).isFalse();

        respond("m0", 1);
        fail("m0", ERROR, 1);
        fail("m1", ERROR, 1);
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void noConnectionStillEjectsTheWholeBackendAtOnce() {
        fail("gpt", UNREACHABLE, 1);
        assertThat(snapshot().ejected()).isTrue();
        assertThat(snapshot().models()).isEmpty();
        scheduler.advance(Duration.ofSeconds(4));
        assertThat(snapshot().ejected()).isFalse();
        fail("gpt", ERROR, 1); // one failing model after the return
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void failuresOfRequestsThatAnOutageInterruptedDoNotCountAfterIt() {
        respond("gpt", 1);
        fail("gpt", INTERRUPTED, 1);
        fail("gpt", ERROR, 3);
        fail("gpt", UNREACHABLE, 1);
        assertThat(snapshot().models().get("gpt").failureShare()).isPositive();

        scheduler.advance(Duration.ofSeconds(4));
        assertThat(snapshot().ejected()).isFalse();
        assertThat(snapshot().models()).isEmpty();
    }

    @Test
    void failuresOfAModelCountAfterAnEjectionOfTheBackendByItsModels() {
        fail("gpt", ERROR, 3);
        fail("mini", ERROR, 3);
        assertThat(snapshot().ejected()).isTrue();

        scheduler.advance(Duration.ofSeconds(4));
        assertThat(snapshot().ejected()).isFalse();
        assertThat(snapshot().models().get("gpt").failureShare()).isPositive();
    }

    // Clients that try to harm others.

    @Test
    void inventedNamesDoNotEjectTheBackend() {
        for (int i = 0; i < 300; i++) {
            fail("made-up-" + i, ERROR, 3);
        }
        assertThat(snapshot().ejected()).isFalse();
        respond("gpt", 1);
        fail("gpt", ERROR, 3);
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void inventedNamesThatTheBackendAcceptsDoNotEjectItWhileMostRequestsAreAnswered() {
        respond("gpt", 500);
        for (int i = 0; i < 50; i++) {
            respond("made-up-" + i, 1);
            fail("made-up-" + i, ERROR, 3);
        }
        assertThat(ejected()).hasSizeGreaterThan(10);
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void failingModelsThatNobodyElseUsesDoNotEjectTheBackend() {
        respond("gpt", 100);
        for (int i = 0; i < 5; i++) {
            fail("m" + i, ERROR, 3);
        }
        assertThat(ejected()).hasSize(5);
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void modelsThatTheConfDoesNotListCountOnceTheyHaveBeenAnswered() {
        for (String model : List.of("x", "y")) {
            respond(model, 5);
        }
        fail("x", ERROR, 3);
        fail("y", ERROR, 3);
        assertThat(snapshot().reason()).isEqualTo("ejected: 2 of 2 models fail"); // clients have chosen the names
    }

    @Test
    void inventedNamesDoNotGrowTheState() {
        for (int i = 0; i < 1000; i++) {
            fail("made-up-" + i, ERROR, 3);
            respond("accepted-" + i, 1);
            fail("accepted-" + i, INTERRUPTED, 1);
        }
        assertThat(snapshot().models()).hasSizeLessThanOrEqualTo(64);
        assertThat(fixture.probes.ranking().classes()).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void inventedNamesDoNotEndTheEjectionOfAListedModel() {
        respond("gpt", 1);
        fail("gpt", ERROR, 3);
        for (int i = 0; i < 500; i++) {
            fail("made-up-" + i, ERROR, 1);
        }
        assertThat(ejected()).containsExactly("gpt");
    }

    // Reloads.

    @Test
    void keepsEjectionsThroughAReload() {
        respond("m0", 9);
        fail("gpt", ERROR, 3);
        Backend changed = with(a, Map.of("gpt", "gpt-weu", "mini", "", "m0", ""));
        fixture.update(changed);
        assertThat(ejected()).containsExactly("gpt");
        assertThat(snapshot().model("gpt").failureShare()).isPositive();
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(ejected()).isEmpty();
    }
}
