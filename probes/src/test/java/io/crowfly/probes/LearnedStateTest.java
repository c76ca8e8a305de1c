package io.crowfly.probes;

import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.backendAt;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.state.StateFormatException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a process continues with after it has replaced another one. */
class LearnedStateTest {

    private static final RequestClass CHAT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);

    /** Start of the new process, by a clock that differs from that of the old process. */
    private static final Duration START = Duration.ofHours(5);

    private final ProbesFixture old = new ProbesFixture();
    private final ProbesFixture replacement = new ProbesFixture();
    private final ObservationFactory chat = new ObservationFactory(old.scheduler, CHAT);

    @AfterEach
    void close() {
        old.probes.close();
        replacement.probes.close();
    }

    private void learn(Backend fast, Backend slow) {
        old.prober.firstByte(fast.name(), 20);
        old.prober.firstByte(slow.name(), 60);
        old.update(fast, slow);
        for (int i = 0; i < 200; i++) {
            old.observer.accept(chat.firstToken(fast, 280 + i % 40));
            old.observer.accept(chat.firstTokenAmongOthers(slow, 880 + i % 90, 1500));
            old.observer.accept(chat.streamCompleted(fast, 100, 2000));
            old.scheduler.advance(Duration.ofMillis(100));
        }
        old.scheduler.advance(Duration.ofSeconds(2));
    }

    private List<String> inherit() {
        return inherit(old.probes.learnedState());
    }

    private List<String> inherit(Map<?, ?> state) {
        List<String> skipped = replacement.probes.inherit(state, replacement.scheduler.nanoTime());
        replacement.scheduler.settle();
        return skipped;
    }

    private void start(Backend... backends) {
        replacement.scheduler.advance(START);
        replacement.update(backends);
    }

    @Test
    void forecastsAreThoseOfTheOldProcess() {
        learn(backend("fast"), backend("slow"));
        start(backend("fast"), backend("slow"));
        assertThat(inherit()).isEmpty();
        for (String name : List.of("fast", "slow")) {
            Forecast before = old.snapshot(name).forecasts().get(CHAT);
            Forecast after = replacement.snapshot(name).forecasts().get(CHAT);
            assertThat(after.predictionAt(10).medianNanos())
                    .isCloseTo(
                            before.predictionAt(10).medianNanos(),
                            within(before.predictionAt(10).medianNanos() / 200));
            assertThat(after.prediction().uncertainty())
                    .isCloseTo(before.prediction().uncertainty(), within(0.01));
            assertThat(after.prediction().spread())
                    .isCloseTo(before.prediction().spread(), within(0.01));
            assertThat(after.loadCurve().knownInFlight())
                    .isCloseTo(before.loadCurve().knownInFlight(), within(0.1));
            assertThat(START.toNanos() - after.observedAtNanos())
                    .isEqualTo(old.scheduler.nanoTime() - before.observedAtNanos());
        }
    }

    @Test
    void healthByProbesIsThatOfTheNewProcess() {
        learn(backend("fast"), backend("slow"));
        start(backend("fast"), backend("slow"));
        replacement.prober.fails("fast", "unreachable from here");
        replacement.prober.firstByte("slow", 60);
        inherit();
        assertThat(replacement.snapshot("fast").health()).isEqualTo(BackendSnapshot.Health.UNHEALTHY);
        assertThat(replacement.snapshot("slow").health()).isEqualTo(BackendSnapshot.Health.HEALTHY);
    }

    @Test
    void ejectionsAndParkingsLastAsLongAsInTheOldProcess() {
        Backend fast = backend("fast");
        Backend slow = backend("slow");
        learn(fast, slow);
        old.observer.accept(chat.throttled(fast, Duration.ofSeconds(20).toNanos()));
        for (int i = 0; i < 3; i++) {
            old.observer.accept(chat.failed(slow, FailureKind.ERROR));
        }
        old.scheduler.advance(Duration.ofMillis(100));
        ModelHealth.Ejected ejected =
                old.snapshot("slow").models().get("gpt-4o").ejection().orElseThrow();
        Parking parking = old.snapshot("fast").parked().get("gpt-4o");
        start(fast, slow);
        inherit();
        long shift = START.toNanos() - old.scheduler.nanoTime();
        assertThat(replacement.snapshot("slow").models().get("gpt-4o").ejection())
                .contains(new ModelHealth.Ejected(ejected.cause(), ejected.untilNanos() + shift, ejected.reason()));
        assertThat(replacement.snapshot("fast").parked())
                .containsEntry(
                        "gpt-4o",
                        new Parking(parking.cause(), parking.untilNanos() + shift, parking.count(), parking.reason()));
    }

    @Test
    void skipsBackendsAndModelsThatTheNewConfDoesNotHave() {
        learn(backend("fast"), backend("slow"));
        start(with(backend("fast"), Map.of("other", "other")), backendAt("slow", "https://elsewhere.example"));
        assertThat(inherit()).singleElement().asString().contains("slow");
        assertThat(replacement.snapshot("fast").forecasts()).isEmpty();
        assertThat(replacement.snapshot("slow").forecasts()).isEmpty();
    }

    @Test
    void changesNothingIfTheFormatIsUnknown() {
        learn(backend("fast"), backend("slow"));
        Map<String, Object> state = new HashMap<>(old.probes.learnedState());
        state.put("format", LearnedState.FORMAT + 1);
        start(backend("fast"), backend("slow"));
        assertThatThrownBy(() -> inherit(state)).isInstanceOf(StateFormatException.class);
        assertThat(replacement.snapshot("fast").forecasts()).isEmpty();
    }

    @Test
    void skipsABackendWhoseStateIsBroken() {
        learn(backend("fast"), backend("slow"));
        Map<String, Object> state = new HashMap<>(old.probes.learnedState());
        List<?> backends = (List<?>) state.get("backends");
        Map<Object, Object> broken = new HashMap<>((Map<?, ?>) backends.get(0));
        broken.put("estimators", "none");
        state.put("backends", List.of(broken, backends.get(1)));
        start(backend("fast"), backend("slow"));
        assertThat(inherit(state)).singleElement().asString().contains("estimators");
        assertThat(replacement
                        .snapshot("slow")
                        .forecasts()
                        .get(CHAT)
                        .prediction()
                        .basis())
                .isEqualTo(io.crowfly.probes.forecast.Prediction.Basis.LIVE);
    }
}
