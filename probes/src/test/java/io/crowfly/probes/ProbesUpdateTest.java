package io.crowfly.probes;

import static io.crowfly.probes.Backends.INTERVAL;
import static io.crowfly.probes.Backends.backend;
import static io.crowfly.probes.Backends.backendAt;
import static io.crowfly.probes.Backends.with;
import static io.crowfly.probes.Standing.Health.HEALTHY;
import static io.crowfly.probes.Standing.Health.UNHEALTHY;
import static io.crowfly.probes.Standing.Health.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a reload changes, and what it leaves alone. */
class ProbesUpdateTest {

    private final FakeWorld world = new FakeWorld();
    private final FakeTimeline timeline = world.timeline;
    private final ScriptedProber prober = world.prober;
    private final Probes probes = world.probes;

    @AfterEach
    void close() {
        probes.close();
    }

    @Test
    void showsNewBackendsAsUnknownAsSoonAsUpdateReturns() {
        world.update(backend("b"), backend("a"));
        assertThat(world.names()).containsExactly("a", "b");
        assertThat(world.standing("a"))
                .isEqualTo(new Standing(
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
                        world.standing("b").otherwise(),
                        Map.of()));
        assertThat(prober.probings).isEmpty(); // that is for the timeline's thread
    }

    @Test
    void goesOnWithAnEqualBackendAsIfNothingHadHappened() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        timeline.settle();
        world.update(backend("a"), backend("b"));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        timeline.advance(INTERVAL.multipliedBy(8).dividedBy(10));
        assertThat(prober.of("a")).hasSize(1);
        timeline.advance(INTERVAL);
        assertThat(prober.of("a")).hasSize(2);
    }

    @Test
    void keepsWhatItLearnedWhenOnlyModelsOrThresholdsChange() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        timeline.settle();
        Standing learned = world.standing("a");

        Backend otherModels = with(backend("a"), Map.of("gpt-4o", "gpt-4o-weu"));
        world.update(otherModels);
        assertThat(world.standing("a"))
                .isEqualTo(new Standing(
                        otherModels,
                        HEALTHY,
                        learned.reason(),
                        false,
                        false,
                        learned.latencyNanos(),
                        learned.estimate(),
                        learned.lastProbe(),
                        learned.lastProbeEpochMillis(),
                        0,
                        learned.outlooks(),
                        learned.otherwise(),
                        learned.parked()));

        Probe probe = otherModels.probe();
        world.update(with(otherModels, new Probe(INTERVAL.multipliedBy(5), probe.timeout(), 1, 1, probe.kind())));
        assertThat(world.standing("a").latencyNanos()).isEqualTo(learned.latencyNanos());

        prober.fails("a", "status 500");
        timeline.settle(); // the changed backend is probed at once, under its new thresholds
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void keepsHealthButNoLatenciesWhenAnotherKindOfProbeMeasures() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        timeline.settle();
        world.update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
        assertThat(world.standing("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        assertThat(world.standing("a").lastProbe()).isEqualTo(ProbeTimes.NONE);

        prober.firstByte("a", 300);
        timeline.settle();
        assertThat(world.standing("a").latencyNanos()).isCloseTo(300_000_000, within(10L));
    }

    @Test
    void startsAnewWhenTheNameMeansAnotherEndpoint() {
        prober.firstByte("a", 10);
        for (Backend other : List.of(
                backendAt("a", "https://elsewhere.example"),
                with(backend("a"), new Credential.ApiKey(new Secret("new"))))) {
            world.update(backend("a"));
            timeline.settle();
            assertThat(world.standing("a").health()).isEqualTo(HEALTHY);
            world.update(other);
            assertThat(world.standing("a").health()).isEqualTo(UNKNOWN);
            assertThat(world.standing("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        }
    }

    @Test
    void ignoresAnAnswerUnderAFormerConf() {
        prober.isSilent("a");
        world.update(backend("a"));
        timeline.settle();
        world.update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        timeline.settle();
        prober.of("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        timeline.settle();
        assertThat(world.standing("a").health()).isEqualTo(UNKNOWN);
        assertThat(world.outcomes).isEmpty();

        prober.of("a").get(1).whenDone().accept(ScriptedProber.firstByte(300));
        timeline.settle();
        assertThat(world.standing("a").latencyNanos()).isCloseTo(300_000_000, within(10L));
    }

    @Test
    void forgetsARemovedBackendWithTheProbeThatWasOut() {
        prober.isSilent("a");
        prober.firstByte("b", 20);
        world.update(backend("a"), backend("b"));
        timeline.settle();
        world.update(backend("b"));
        assertThat(world.names()).containsExactly("b");

        prober.of("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(world.names()).containsExactly("b");
        assertThat(prober.of("a")).hasSize(1);
        assertThat(world.outcomes).noneMatch(outcome -> outcome.startsWith("a "));

        world.update(backend("a"), backend("b"));
        assertThat(world.standing("a").health()).isEqualTo(UNKNOWN);
    }

    @Test
    void dropsAResultWhoseBackendIsRemovedAtThatVeryMoment() {
        prober.firstByte("a", 10);
        List<Probes> self = new ArrayList<>();
        RandomGenerator removing = () -> { // drawn after the schedule took the result and before the knowledge has it
            self.get(0).update(List.of());
            return 0;
        };
        try (Probes raced =
                new Probes(prober, timeline, removing, world.heard::add, (b, result) -> world.outcomes.add(b.name()))) {
            self.add(raced);
            raced.update(List.of(backend("a")));
            timeline.advance(INTERVAL.multipliedBy(3));
            assertThat(raced.ranking().standings()).isEmpty();
            assertThat(world.outcomes).isEmpty();
            assertThat(prober.probings).hasSize(1);
        }
    }

    @Test
    void refusesTwoBackendsOfOneNameAndChangesNothing() {
        world.update(backend("a"));
        Ranking before = probes.ranking();
        assertThatThrownBy(() -> world.update(backend("b"), backend("b"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(probes.ranking()).isSameAs(before);
        timeline.settle();
        assertThat(prober.of("b")).isEmpty();
    }
}
