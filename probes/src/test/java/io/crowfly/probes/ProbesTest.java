package io.crowfly.probes;

import static io.crowfly.probes.Backends.INTERVAL;
import static io.crowfly.probes.Backends.backend;
import static io.crowfly.probes.Backends.with;
import static io.crowfly.probes.Standing.Health.UNHEALTHY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crowfly.conf.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProbesTest {

    private static final Duration TICK = Duration.ofMillis(50);

    /** Estimates are kept as logarithms. */
    private static final Offset<Long> ROUNDING = within(10L);

    /** Longer than one interval with all its jitter, shorter than two without any. */
    private static final Duration ONE_ROUND = INTERVAL.multipliedBy(111).dividedBy(100);

    /** Two intervals with all their jitter. */
    private static final Duration TWO_ROUNDS = INTERVAL.multipliedBy(222).dividedBy(100);

    private final FakeWorld world = new FakeWorld();
    private final FakeTimeline timeline = world.timeline;
    private final ScriptedProber prober = world.prober;
    private final Probes probes = world.probes;

    @AfterEach
    void close() {
        probes.close();
    }

    @Test
    void hasAnEmptyRankingBeforeItKnowsAnyBackend() {
        assertThat(probes.ranking()).isEqualTo(new Ranking(0, 0, List.of(), Map.of()));
    }

    @Test
    void ranksByLatencyOnceEachHasAnsweredItsFirstProbe() {
        prober.firstByte("a", 30);
        prober.firstByte("b", 20);
        prober.firstByte("c", 10);
        world.update(backend("a"), backend("b"), backend("c"));
        timeline.settle();
        assertThat(world.names()).containsExactly("c", "b", "a");
        assertThat(world.standing("a").latencyNanos()).isCloseTo(30_000_000, ROUNDING);
        assertThat(world.standing("a").lastProbeEpochMillis()).isEqualTo(FakeTimeline.EPOCH_MILLIS);
    }

    @Test
    void ranksByHealthThenLatencyThenName() {
        prober.firstByte("slow", 50);
        prober.firstByte("twin-b", 20);
        prober.firstByte("twin-a", 20);
        prober.fails("broken", "status 503");
        prober.isSilent("silent");
        world.update(backend("broken"), backend("silent"), backend("slow"), backend("twin-b"), backend("twin-a"));
        timeline.settle();
        assertThat(world.names()).containsExactly("twin-a", "twin-b", "slow", "silent", "broken");
    }

    @Test
    void ranksABackendWithoutAnEstimateBehindThoseOfItsHealthThatHaveOne() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        world.update(backend("a"), backend("b"));
        timeline.settle();
        world.update(with(backend("a"), Backends.probe(new Probe.Kind.Inference("gpt-4o", true))), backend("b"));
        assertThat(world.names()).containsExactly("b", "a");
    }

    @Test
    void followsASlowedBackendOnceTwoProbesAgree() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 20);
        world.update(backend("a"), backend("b"));
        timeline.advance(INTERVAL.multipliedBy(10));
        assertThat(world.names()).containsExactly("a", "b");

        prober.firstByte("a", 200);
        timeline.advance(TWO_ROUNDS);
        assertThat(world.names()).containsExactly("b", "a");
        assertThat(world.standing("a").latencyNanos()).isCloseTo(200_000_000, ROUNDING);
    }

    @Test
    void isNotMovedByASingleSlowProbe() {
        prober.firstByte("a", 20);
        prober.firstByte("b", 30);
        world.update(backend("a"), backend("b"));
        timeline.advance(INTERVAL.multipliedBy(10));
        prober.on("a", probing -> {
            probing.whenDone().accept(ScriptedProber.firstByte(200));
            prober.firstByte("a", 20);
        });
        for (int round = 0; round < 10; round++) {
            timeline.advance(INTERVAL);
            assertThat(world.names()).containsExactly("a", "b");
        }
        assertThat(prober.of("a")).hasSizeGreaterThan(15);
    }

    @Test
    void prefersAnyHealthyBackendToAFasterOneThatFails() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        world.update(backend("a"), backend("b"));
        timeline.settle();

        prober.fails("a", "connection refused");
        timeline.advance(INTERVAL.multipliedBy(2));
        assertThat(world.names()).containsExactly("a", "b"); // two failures of three
        timeline.advance(INTERVAL.multipliedBy(2));
        assertThat(world.names()).containsExactly("b", "a");
        assertThat(world.standing("a").health()).isEqualTo(UNHEALTHY);
        assertThat(world.standing("a").reason()).matches("\\d probes failed in a row: connection refused");
    }

    @Test
    void leavesLatenciesAloneWhenProbesFail() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        timeline.settle();
        Standing before = world.standing("a");

        prober.fails("a", "timed out after 800ms");
        timeline.advance(INTERVAL.multipliedBy(5));
        Standing after = world.standing("a");
        assertThat(after.latencyNanos()).isEqualTo(before.latencyNanos());
        assertThat(after.estimate()).isEqualTo(before.estimate());
        assertThat(after.lastProbe()).isEqualTo(before.lastProbe());
        assertThat(after.lastProbeEpochMillis()).isGreaterThan(before.lastProbeEpochMillis());
    }

    @Test
    void tellsTheListenersOfEachRankingAndEachOutcome() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        assertThat(world.heard).isEmpty(); // only on the timeline's thread
        timeline.settle();
        assertThat(world.outcomes).containsExactly("a " + ScriptedProber.firstByte(10));

        prober.fails("a", "status 503");
        timeline.advance(ONE_ROUND);
        assertThat(world.outcomes).hasSize(2).last().isEqualTo("a " + new ProbeResult.Failure("status 503"));
        assertThat(world.heard).last().isSameAs(probes.ranking());
        assertThat(world.heard).extracting(Ranking::version).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void publishesEveryTickWhatTimeHasMadeOfItsKnowledge() {
        prober.isSilent("a");
        world.update(backend("a"));
        timeline.settle();
        assertThat(world.heard).hasSize(1);
        timeline.advance(TICK.multipliedBy(10));
        assertThat(world.heard).hasSize(11);
        assertThat(probes.ranking().atNanos()).isEqualTo(timeline.nanoTime());
    }

    @Test
    void ticksOnWhateverItsListenerThrows() {
        List<Ranking> heard = new ArrayList<>();
        Consumer<Ranking> failing = ranking -> {
            heard.add(ranking);
            throw new IllegalStateException("of the listener's own");
        };
        try (Probes unlucky = new Probes(prober, timeline, new Random(10), failing, (b, result) -> {})) {
            unlucky.update(List.of(backend("a")));
            for (int i = 0; i < 5; i++) {
                int before = heard.size();
                assertThatThrownBy(() -> timeline.advance(TICK.multipliedBy(2))).hasMessage("of the listener's own");
                assertThat(heard).hasSize(before + 1);
            }
        }
    }

    @Test
    void passesOverRankingsThatAreOldNewsByTheTimeTheyAreAnnounced() {
        world.update(backend("a"));
        world.update(backend("a"), backend("b"));
        timeline.settle();
        assertThat(world.heard).extracting(Ranking::version).containsExactly(2L);
    }

    @Test
    void keepsItsLastRankingAndIsSilentOnceClosed() {
        prober.firstByte("a", 10);
        world.update(backend("a"));
        timeline.settle();
        world.update(backend("a"), backend("b"));
        Ranking last = probes.ranking();
        int heardBefore = world.heard.size();

        probes.close();
        world.update(backend("c"));
        timeline.advance(INTERVAL.multipliedBy(5));
        assertThat(probes.ranking()).isSameAs(last);
        assertThat(world.heard).hasSize(heardBefore);
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
            world.update(backend("a"));
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
