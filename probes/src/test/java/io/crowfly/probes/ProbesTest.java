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

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProbesTest {

    /** Longer than one interval with all its jitter, shorter than two without any. */
    private static final Duration ONE_ROUND = INTERVAL.multipliedBy(111).dividedBy(100);

    private final FakeTimeline timeline = new FakeTimeline();
    private final ScriptedProber prober = new ScriptedProber(timeline);
    private final List<Ranking> heard = new ArrayList<>();
    private final List<String> outcomes = new ArrayList<>();
    private final Probes probes = new Probes(
            prober,
            timeline,
            new Random(10),
            heard::add,
            (backend, result) -> outcomes.add(backend.name() + " " + result));

    @AfterEach
    void close() {
        probes.close();
    }

    private List<String> names() {
        return probes.ranking().standings().stream()
                .map(s -> s.backend().name())
                .toList();
    }

    private Standing standing(String name) {
        return probes.ranking().standings().stream()
                .filter(s -> s.backend().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void update(Backend... backends) {
        probes.update(List.of(backends));
    }

    @Test
    void hasAnEmptyRankingBeforeItKnowsAnyBackend() {
        assertThat(probes.ranking()).isEqualTo(new Ranking(0, List.of()));
    }

    @Test
    void showsNewBackendsAsUnknownAsSoonAsUpdateReturns() {
        update(backend("b"), backend("a"));
        assertThat(names()).containsExactly("a", "b");
        assertThat(standing("a"))
                .isEqualTo(new Standing(
                        backend("a"),
                        UNKNOWN,
                        "not probed yet",
                        ProbeTimes.ABSENT,
                        ProbeTimes.NONE,
                        ProbeTimes.NONE,
                        0));
        assertThat(prober.probings).isEmpty(); // that is for the timeline's thread
    }

    @Test
    void ranksByLatencyOnceEachHasAnsweredItsFirstProbe() {
        prober.firstByte("a", 30);
        prober.firstByte("b", 20);
        prober.firstByte("c", 10);
        update(backend("a"), backend("b"), backend("c"));
        timeline.settle();
        assertThat(names()).containsExactly("c", "b", "a");
        assertThat(standing("a").latencyNanos()).isEqualTo(30_000_000);
        assertThat(standing("a").lastProbeEpochMillis()).isEqualTo(FakeTimeline.EPOCH_MILLIS);
    }

    @Test
    void ranksByHealthThenLatencyThenName() {
        prober.firstByte("slow", 50);
        prober.firstByte("twin-b", 20);
        prober.firstByte("twin-a", 20);
        prober.fails("broken", "status 503");
        prober.isSilent("silent");
        update(backend("broken"), backend("silent"), backend("slow"), backend("twin-b"), backend("twin-a"));
        timeline.settle();
        assertThat(names()).containsExactly("twin-a", "twin-b", "slow", "silent", "broken");
    }

    @Test
    void ranksABackendWithoutAnEstimateBehindThoseOfItsHealthThatHaveOne() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        update(backend("a"), backend("b"));
        timeline.settle();
        update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))), backend("b"));
        assertThat(names()).containsExactly("b", "a");
    }

    @Test
    void followsASlowedBackendAtItsVeryNextProbe() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 20);
        update(backend("a"), backend("b"));
        timeline.settle();
        assertThat(names()).containsExactly("a", "b");

        prober.firstByte("a", 200);
        timeline.advance(ONE_ROUND);
        assertThat(names()).containsExactly("b", "a");
    }

    @Test
    void forgivesASingleSlowProbeWithinTenRounds() {
        prober.firstByte("a", 20);
        prober.firstByte("b", 30);
        update(backend("a"), backend("b"));
        timeline.settle();
        prober.firstByte("a", 200);
        timeline.advance(ONE_ROUND);
        assertThat(names()).containsExactly("b", "a");

        prober.firstByte("a", 20);
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(names()).containsExactly("b", "a"); // slowly to good
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void prefersAnyHealthyBackendToAFasterOneThatFails() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        update(backend("a"), backend("b"));
        timeline.settle();

        prober.fails("a", "connection refused");
        timeline.advance(INTERVAL.multipliedBy(2));
        assertThat(names()).containsExactly("a", "b"); // two failures of three
        timeline.advance(INTERVAL.multipliedBy(2));
        assertThat(names()).containsExactly("b", "a");
        assertThat(standing("a").health()).isEqualTo(UNHEALTHY);
        assertThat(standing("a").reason()).matches("\\d probes failed in a row: connection refused");
    }

    @Test
    void leavesLatenciesAloneWhenProbesFail() {
        prober.firstByte("a", 10);
        update(backend("a"));
        timeline.settle();
        Standing before = standing("a");

        prober.fails("a", "timed out after 800ms");
        timeline.advance(INTERVAL.multipliedBy(5));
        Standing after = standing("a");
        assertThat(after.latencyNanos()).isEqualTo(before.latencyNanos());
        assertThat(after.estimate()).isEqualTo(before.estimate());
        assertThat(after.lastProbe()).isEqualTo(before.lastProbe());
        assertThat(after.lastProbeEpochMillis()).isGreaterThan(before.lastProbeEpochMillis());
    }

    @Test
    void goesOnWithAnEqualBackendAsIfNothingHadHappened() {
        prober.firstByte("a", 10);
        update(backend("a"));
        timeline.settle();
        update(backend("a"), backend("b"));
        assertThat(standing("a").health()).isEqualTo(HEALTHY);
        timeline.advance(INTERVAL.multipliedBy(8).dividedBy(10));
        assertThat(prober.of("a")).hasSize(1);
        timeline.advance(INTERVAL);
        assertThat(prober.of("a")).hasSize(2);
    }

    @Test
    void keepsWhatItLearnedWhenOnlyModelsOrThresholdsChange() {
        prober.firstByte("a", 10);
        update(backend("a"));
        timeline.settle();
        Standing learned = standing("a");

        Backend otherModels = with(backend("a"), Map.of("gpt-4o", "gpt-4o-weu"));
        update(otherModels);
        assertThat(standing("a"))
                .isEqualTo(new Standing(
                        otherModels,
                        HEALTHY,
                        learned.reason(),
                        learned.latencyNanos(),
                        learned.estimate(),
                        learned.lastProbe(),
                        learned.lastProbeEpochMillis()));

        Probe probe = otherModels.probe();
        update(with(otherModels, new Probe(INTERVAL.multipliedBy(5), probe.timeout(), 1, 1, probe.kind())));
        assertThat(standing("a").latencyNanos()).isEqualTo(learned.latencyNanos());

        prober.fails("a", "status 500");
        timeline.settle(); // the changed backend is probed at once, under its new thresholds
        assertThat(standing("a").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void keepsHealthButNoLatenciesWhenAnotherKindOfProbeMeasures() {
        prober.firstByte("a", 10);
        update(backend("a"));
        timeline.settle();
        update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        assertThat(standing("a").health()).isEqualTo(HEALTHY);
        assertThat(standing("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        assertThat(standing("a").lastProbe()).isEqualTo(ProbeTimes.NONE);

        prober.firstByte("a", 300);
        timeline.settle();
        assertThat(standing("a").latencyNanos()).isEqualTo(300_000_000);
    }

    @Test
    void startsAnewWhenTheNameMeansAnotherEndpoint() {
        prober.firstByte("a", 10);
        for (Backend other : List.of(
                backendAt("a", "https://elsewhere.example"),
                with(backend("a"), new Credential.ApiKey(new Secret("new"))))) {
            update(backend("a"));
            timeline.settle();
            assertThat(standing("a").health()).isEqualTo(HEALTHY);
            update(other);
            assertThat(standing("a").health()).isEqualTo(UNKNOWN);
            assertThat(standing("a").latencyNanos()).isEqualTo(ProbeTimes.ABSENT);
        }
    }

    @Test
    void ignoresAnAnswerUnderAFormerConf() {
        prober.isSilent("a");
        update(backend("a"));
        timeline.settle();
        update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))));
        timeline.settle();
        prober.of("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        timeline.settle();
        assertThat(standing("a").health()).isEqualTo(UNKNOWN);
        assertThat(outcomes).isEmpty();

        prober.of("a").get(1).whenDone().accept(ScriptedProber.firstByte(300));
        timeline.settle();
        assertThat(standing("a").latencyNanos()).isEqualTo(300_000_000);
    }

    @Test
    void forgetsARemovedBackendWithTheProbeThatWasOut() {
        prober.isSilent("a");
        prober.firstByte("b", 20);
        update(backend("a"), backend("b"));
        timeline.settle();
        update(backend("b"));
        assertThat(names()).containsExactly("b");

        prober.of("a").get(0).whenDone().accept(ScriptedProber.firstByte(5));
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(names()).containsExactly("b");
        assertThat(prober.of("a")).hasSize(1);
        assertThat(outcomes).noneMatch(outcome -> outcome.startsWith("a "));

        update(backend("a"), backend("b"));
        assertThat(standing("a").health()).isEqualTo(UNKNOWN);
    }

    @Test
    void dropsAResultWhoseBackendIsRemovedAtThatVeryMoment() {
        prober.firstByte("a", 10);
        List<Probes> self = new ArrayList<>();
        RandomGenerator removing = () -> { // drawn after the schedule took the result and before the knowledge has it
            self.get(0).update(List.of());
            return 0;
        };
        try (Probes raced = new Probes(prober, timeline, removing, heard::add, (b, result) -> outcomes.add(b.name()))) {
            self.add(raced);
            raced.update(List.of(backend("a")));
            timeline.advance(INTERVAL.multipliedBy(3));
            assertThat(raced.ranking()).isEqualTo(new Ranking(2, List.of()));
            assertThat(outcomes).isEmpty();
            assertThat(prober.probings).hasSize(1);
        }
    }

    @Test
    void refusesTwoBackendsOfOneNameAndChangesNothing() {
        update(backend("a"));
        Ranking before = probes.ranking();
        assertThatThrownBy(() -> update(backend("b"), backend("b"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(probes.ranking()).isSameAs(before);
        timeline.settle();
        assertThat(prober.of("b")).isEmpty();
    }

    @Test
    void tellsTheListenersOfEachRankingAndEachOutcome() {
        prober.firstByte("a", 10);
        update(backend("a"));
        assertThat(heard).isEmpty(); // only on the timeline's thread
        timeline.settle();
        assertThat(outcomes).containsExactly("a " + ScriptedProber.firstByte(10));

        prober.fails("a", "status 503");
        timeline.advance(ONE_ROUND);
        assertThat(outcomes).hasSize(2).last().isEqualTo("a " + new ProbeResult.Failure("status 503"));
        assertThat(heard).last().isSameAs(probes.ranking());
        assertThat(heard).extracting(Ranking::version).containsExactly(1L, 2L, 3L);
    }

    @Test
    void passesOverRankingsThatAreOldNewsByTheTimeTheyAreAnnounced() {
        update(backend("a"));
        update(backend("a"), backend("b"));
        timeline.settle();
        assertThat(heard).extracting(Ranking::version).containsExactly(2L);
    }

    @Test
    void keepsItsLastRankingAndIsSilentOnceClosed() {
        prober.firstByte("a", 10);
        update(backend("a"));
        timeline.settle();
        update(backend("a"), backend("b"));
        Ranking last = probes.ranking();
        int heardBefore = heard.size();

        probes.close();
        update(backend("c"));
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(probes.ranking()).isSameAs(last);
        assertThat(heard).hasSize(heardBefore);
        assertThat(prober.probings).hasSize(1);
    }

    @Test
    void logsEachChangeOfHealthInOneLineAndNothingElse() {
        Logger logger = (Logger) LoggerFactory.getLogger(Probes.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            prober.firstByte("a", 10);
            update(backend("a"));
            timeline.advance(INTERVAL.multipliedBy(5));
            prober.fails("a", "status 503");
            timeline.advance(INTERVAL.multipliedBy(6));
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "backend a: UNKNOWN -> HEALTHY: last probe passed",
                        "backend a: HEALTHY -> UNHEALTHY: 3 probes failed in a row: status 503");
    }
}
