package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.HEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNKNOWN;
import static io.crowfly.probes.TestBackends.INTERVAL;
import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.backendAt;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.value.Secret;
import io.crowfly.probes.forecast.ProbeTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Effect of a reload: the state that changes and the state that stays. */
class ProbesUpdateTest {

    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;
    private final ScriptedProber prober = fixture.prober;
    private final Probes probes = fixture.probes;

    @AfterEach
    void close() {
        probes.close();
    }

    @Test
    void showsNewBackendsAsUnknownAsSoonAsUpdateReturns() {
        fixture.update(backend("b"), backend("a"));
        assertThat(fixture.names()).containsExactly("a", "b");
        assertThat(fixture.snapshot("a"))
                .isEqualTo(new BackendSnapshot(
                        backend("a"),
                        UNKNOWN,
                        "not probed yet",
                        false,
                        false,
                        ProbeTimes.ABSENT,
                        ProbeTimes.NONE,
                        ProbeTimes.NONE,
                        0,
                        0,
                        Map.of(),
                        fixture.snapshot("b").defaultForecast(),
                        Map.of(),
                        Map.of()));
        assertThat(prober.probings).isEmpty(); // probes are sent on the scheduler's thread
    }

    @Test
    void continuesUnchangedWithAnEqualBackend() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        fixture.update(backend("a"), backend("b"));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        scheduler.advance(INTERVAL.multipliedBy(8).dividedBy(10));
        assertThat(prober.probingsOf("a")).hasSize(1);
        scheduler.advance(INTERVAL);
        assertThat(prober.probingsOf("a")).hasSize(2);
    }

    @Test
    void keepsItsStateWhenOnlyModelsOrThresholdsChange() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        BackendSnapshot learned = fixture.snapshot("a");

        Backend otherModels = with(backend("a"), Map.of("gpt-4o", "gpt-4o-weu"));
        fixture.update(otherModels);
        assertThat(fixture.snapshot("a"))
                .isEqualTo(new BackendSnapshot(
                        otherModels,
                        HEALTHY,
                        learned.reason(),
                        false,
                        false,
                        learned.latencyNanos(),
                        learned.probeEstimate(),
                        learned.lastProbe(),
                        learned.lastProbeEpochMillis(),
                        0,
                        learned.forecasts(),
                        learned.defaultForecast(),
                        learned.parked(),
                        learned.models()));

        Probe probe = otherModels.probe();
        fixture.update(with(otherModels, new Probe(INTERVAL.multipliedBy(5), probe.timeout(), 1, 1, probe.kind())));
        assertThat(fixture.snapshot("a").latencyNanos()).isEqualTo(learned.latencyNanos());

        prober.fails("a", "status 500");
        scheduler.settle(); // the changed backend is probed at once, under its new thresholds
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void keepsHealthButNoLatenciesWhenAnotherKindOfProbeMeasures() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        fixture.update(with(backend("a"), TestBackends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
        assertThat(fixture.snapshot("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        assertThat(fixture.snapshot("a").lastProbe()).isEqualTo(ProbeTimes.NONE);

        prober.firstByte("a", 300);
        scheduler.advance(Duration.ofSeconds(2)); // without a change of health, published with the next ranking
        assertThat(fixture.snapshot("a").latencyNanos()).isCloseTo(300_000_000, within(10L));
    }

    @Test
    void startsAsUnknownWhenTheNameMeansAnotherEndpoint() {
        prober.firstByte("a", 10);
        for (Backend other : List.of(
                backendAt("a", "https://elsewhere.example"),
                with(backend("a"), new Credential.ApiKey(new Secret("new"))))) {
            fixture.update(backend("a"));
            scheduler.settle();
            assertThat(fixture.snapshot("a").health()).isEqualTo(HEALTHY);
            fixture.update(other);
            assertThat(fixture.snapshot("a").health()).isEqualTo(UNKNOWN);
            assertThat(fixture.snapshot("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        }
    }

    @Test
    void ignoresAResultUnderAFormerConf() {
        prober.neverResponds("a");
        fixture.update(backend("a"));
        scheduler.settle();
        fixture.update(with(backend("a"), TestBackends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        scheduler.settle();
        prober.probingsOf("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        scheduler.settle();
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNKNOWN);
        assertThat(fixture.probeResults).isEmpty();

        prober.probingsOf("a").get(1).whenDone().accept(ScriptedProber.firstByte(300));
        scheduler.settle();
        assertThat(fixture.snapshot("a").latencyNanos()).isCloseTo(300_000_000, within(10L));
    }

    @Test
    void dropsARemovedBackendAndItsPendingProbe() {
        prober.neverResponds("a");
        prober.firstByte("b", 20);
        fixture.update(backend("a"), backend("b"));
        scheduler.settle();
        fixture.update(backend("b"));
        assertThat(fixture.names()).containsExactly("b");

        prober.probingsOf("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        scheduler.advance(INTERVAL.multipliedBy(5));
        assertThat(fixture.names()).containsExactly("b");
        assertThat(prober.probingsOf("a")).hasSize(1);
        assertThat(fixture.probeResults).noneMatch(outcome -> outcome.startsWith("a "));

        fixture.update(backend("a"), backend("b"));
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNKNOWN);
    }

    @Test
    void dropsAResultWhoseBackendIsRemovedAtThatMoment() {
        prober.firstByte("a", 10);
        List<Probes> self = new ArrayList<>();
        RandomGenerator removing = () -> { // drawn after the schedule has the result and before the state has it
            self.get(0).update(List.of());
            return 0;
        };
        try (Probes raced = new Probes(
                prober,
                scheduler,
                removing,
                fixture.rankings::add,
                (b, result) -> fixture.probeResults.add(b.name()))) {
            self.add(raced);
            raced.update(List.of(backend("a")));
            scheduler.advance(INTERVAL.multipliedBy(3));
            assertThat(raced.ranking().snapshots()).isEmpty();
            assertThat(fixture.probeResults).isEmpty();
            assertThat(prober.probings).hasSize(1);
        }
    }

    @Test
    void rejectsTwoBackendsOfOneNameAndChangesNothing() {
        fixture.update(backend("a"));
        Ranking before = probes.ranking();
        assertThatThrownBy(() -> fixture.update(backend("b"), backend("b")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(probes.ranking()).isSameAs(before);
        scheduler.settle();
        assertThat(prober.probingsOf("b")).isEmpty();
    }
}
