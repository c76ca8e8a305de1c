package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.TestBackends.INTERVAL;
import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
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

    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;
    private final ScriptedProber prober = fixture.prober;
    private final Probes probes = fixture.probes;

    @AfterEach
    void close() {
        probes.close();
    }

    @Test
    void hasAnEmptyRankingBeforeTheFirstUpdate() {
        assertThat(probes.ranking()).isEqualTo(new Ranking(0, 0, List.of(), Map.of()));
    }

    @Test
    void ranksByLatencyAfterTheFirstProbes() {
        prober.firstByte("a", 30);
        prober.firstByte("b", 20);
        prober.firstByte("c", 10);
        fixture.update(backend("a"), backend("b"), backend("c"));
        scheduler.settle();
        assertThat(fixture.names()).containsExactly("c", "b", "a");
        assertThat(fixture.snapshot("a").latencyNanos()).isCloseTo(30_000_000, ROUNDING);
        assertThat(fixture.snapshot("a").lastProbeEpochMillis()).isEqualTo(FakeScheduler.EPOCH_MILLIS);
    }

    @Test
    void ranksByHealthThenLatencyThenName() {
        prober.firstByte("slow", 50);
        prober.firstByte("twin-b", 20);
        prober.firstByte("twin-a", 20);
        prober.fails("broken", "status 503");
        prober.neverResponds("silent");
        fixture.update(backend("broken"), backend("silent"), backend("slow"), backend("twin-b"), backend("twin-a"));
        scheduler.settle();
        assertThat(fixture.names()).containsExactly("twin-a", "twin-b", "slow", "silent", "broken");
    }

    @Test
    void ranksABackendWithoutAnEstimateBehindThoseOfItsHealthThatHaveOne() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        fixture.update(backend("a"), backend("b"));
        scheduler.settle();
        fixture.update(with(backend("a"), TestBackends.probe(new Probe.Kind.Inference("gpt-4o", true))), backend("b"));
        assertThat(fixture.names()).containsExactly("b", "a");
    }

    @Test
    void followsASlowedBackendOnceTwoProbesAgree() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 20);
        fixture.update(backend("a"), backend("b"));
        scheduler.advance(INTERVAL.multipliedBy(10));
        assertThat(fixture.names()).containsExactly("a", "b");

        prober.firstByte("a", 200);
        scheduler.advance(TWO_ROUNDS);
        assertThat(fixture.names()).containsExactly("b", "a");
        assertThat(fixture.snapshot("a").latencyNanos()).isCloseTo(200_000_000, ROUNDING);
    }

    @Test
    void ignoresASingleSlowProbe() {
        prober.firstByte("a", 20);
        prober.firstByte("b", 30);
        fixture.update(backend("a"), backend("b"));
        scheduler.advance(INTERVAL.multipliedBy(10));
        prober.on("a", probing -> {
            probing.whenDone().accept(ScriptedProber.firstByte(200));
            prober.firstByte("a", 20);
        });
        for (int round = 0; round < 10; round++) {
            scheduler.advance(INTERVAL);
            assertThat(fixture.names()).containsExactly("a", "b");
        }
        assertThat(prober.probingsOf("a")).hasSizeGreaterThan(15);
    }

    @Test
    void prefersAnyHealthyBackendToAFasterOneThatFails() {
        prober.firstByte("a", 10);
        prober.firstByte("b", 90);
        fixture.update(backend("a"), backend("b"));
        scheduler.settle();

        prober.fails("a", "connection refused");
        scheduler.advance(INTERVAL.multipliedBy(2));
        assertThat(fixture.names()).containsExactly("a", "b"); // two failures of three
        scheduler.advance(INTERVAL.multipliedBy(2));
        assertThat(fixture.names()).containsExactly("b", "a");
        assertThat(fixture.snapshot("a").health()).isEqualTo(UNHEALTHY);
        assertThat(fixture.snapshot("a").reason()).matches("\\d probes failed in a row: connection refused");
    }

    @Test
    void keepsLatenciesWhenProbesFail() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        BackendSnapshot before = fixture.snapshot("a");

        prober.fails("a", "timed out after 800ms");
        scheduler.advance(INTERVAL.multipliedBy(5));
        BackendSnapshot after = fixture.snapshot("a");
        assertThat(after.latencyNanos()).isEqualTo(before.latencyNanos());
        assertThat(after.probeEstimate()).isEqualTo(before.probeEstimate());
        assertThat(after.lastProbe()).isEqualTo(before.lastProbe());
        assertThat(after.lastProbeEpochMillis()).isGreaterThan(before.lastProbeEpochMillis());
    }

    @Test
    void callsTheListenersForEachRankingAndEachResult() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        assertThat(fixture.rankings).isEmpty(); // called only on the scheduler's thread
        scheduler.settle();
        assertThat(fixture.probeResults).containsExactly("a " + ScriptedProber.firstByte(10));

        prober.fails("a", "status 503");
        scheduler.advance(ONE_ROUND);
        assertThat(fixture.probeResults).hasSize(2).last().isEqualTo("a " + new ProbeResult.Failure("status 503"));
        assertThat(fixture.rankings).last().isSameAs(probes.ranking());
        assertThat(fixture.rankings).extracting(Ranking::version).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void publishesARankingAtEveryTickWhileRequestsAreObserved() {
        prober.neverResponds("a");
        fixture.update(backend("a"));
        scheduler.settle();
        assertThat(fixture.rankings).hasSize(1);
        for (int i = 0; i < 10; i++) {
            fixture.observer.accept(response("a", 100));
            scheduler.advance(TICK);
        }
        assertThat(fixture.rankings).hasSize(11);
        assertThat(probes.ranking().atNanos()).isEqualTo(scheduler.nanoTime());
    }

    @Test
    void publishesOnlyOnceASecondWhileNoRequestIsObservedAndNoHealthChanges() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        scheduler.advance(Duration.ofSeconds(10));
        assertThat(fixture.rankings).hasSizeBetween(8, 14);
    }

    @Test
    void anObservationIsInTheRankingOfTheNextTickAndAProbeInThatOfTheNextSecond() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.advance(Duration.ofSeconds(30));
        fixture.observer.accept(response("a", 300));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a").forecasts()).hasSize(1);

        scheduler.advance(Duration.ofSeconds(30));
        long probed = fixture.snapshot("a").lastProbeEpochMillis();
        assertThat(scheduler.epochMillis() - probed).isLessThan(INTERVAL.toMillis() * 12 / 10 + 1_000);
    }

    @Test
    void whatHasNotChangedIsTheSameObjectInTheNextRanking() {
        prober.neverResponds("a");
        prober.neverResponds("b");
        fixture.update(backend("a"), backend("b"));
        for (int i = 0; i < 20; i++) {
            fixture.observer.accept(response("a", 300));
            fixture.observer.accept(response("b", 300));
            scheduler.advance(TICK);
        }
        BackendSnapshot a = fixture.snapshot("a");
        BackendSnapshot b = fixture.snapshot("b");
        fixture.observer.accept(response("a", 300));
        scheduler.advance(TICK);
        assertThat(fixture.snapshot("a")).isNotSameAs(a);
        assertThat(fixture.snapshot("b")).isSameAs(b);
    }

    private Observation response(String backend, long millis) {
        RequestClass requestClass = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
        return new ObservationFactory(scheduler, requestClass).firstToken(backend(backend), millis);
    }

    @Test
    void continuesToTickWhenItsListenerThrows() {
        List<Ranking> rankings = new ArrayList<>();
        Consumer<Ranking> failing = ranking -> {
            rankings.add(ranking);
            throw new IllegalStateException("of the listener's own");
        };
        try (Probes unlucky = new Probes(prober, scheduler, new Random(10), failing, (b, result) -> {})) {
            Consumer<Observation> observer = unlucky.observer();
            unlucky.update(List.of(backend("a")));
            for (int i = 0; i < 5; i++) {
                int before = rankings.size();
                observer.accept(response("a", 100));
                assertThatThrownBy(() -> scheduler.advance(TICK.multipliedBy(2)))
                        .hasMessage("of the listener's own");
                assertThat(rankings).hasSize(before + 1);
            }
        }
    }

    @Test
    void skipsRankingsThatAreReplacedBeforeTheListenerIsCalled() {
        fixture.update(backend("a"));
        fixture.update(backend("a"), backend("b"));
        scheduler.settle();
        assertThat(fixture.rankings).extracting(Ranking::version).containsExactly(2L);
    }

    @Test
    void keepsItsLastRankingAndCallsNoListenerOnceClosed() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        fixture.update(backend("a"), backend("b"));
        Ranking last = probes.ranking();
        int heardBefore = fixture.rankings.size();

        probes.close();
        fixture.update(backend("c"));
        scheduler.advance(INTERVAL.multipliedBy(5));
        assertThat(probes.ranking()).isSameAs(last);
        assertThat(fixture.rankings).hasSize(heardBefore);
        assertThat(prober.probings).hasSize(1);
    }

    private List<String> logOf(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(Probes.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            work.run();
        } finally {
            logger.detachAppender(lines);
        }
        return lines.list.stream().map(Object::toString).toList();
    }

    @Test
    void logsEachChangeOfHealthInOneLineAndNothingElse() {
        List<String> lines = logOf(() -> {
            prober.firstByte("a", 10);
            prober.firstByte("b", 10);
            fixture.update(backend("a"), backend("b"));
            scheduler.advance(INTERVAL.multipliedBy(5));
            prober.fails("a", "status 503");
            scheduler.advance(INTERVAL.multipliedBy(6));
        });
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "[INFO] backend a: UNKNOWN -> HEALTHY: last probe passed",
                        "[INFO] backend b: UNKNOWN -> HEALTHY: last probe passed",
                        "[WARN] backend a: HEALTHY -> UNHEALTHY: 3 probes failed in a row: status 503");
    }

    @Test
    void logsThatTheLastHealthyBackendIsUnhealthyAsAnError() {
        List<String> lines = logOf(() -> {
            prober.firstByte("a", 10);
            prober.fails("b", "connection refused");
            fixture.update(backend("a"), backend("b"));
            scheduler.advance(INTERVAL.multipliedBy(2));
            prober.fails("a", "status 503");
            scheduler.advance(INTERVAL.multipliedBy(6));
        });
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "[INFO] backend a: UNKNOWN -> HEALTHY: last probe passed",
                        "[WARN] backend b: UNKNOWN -> UNHEALTHY: connection refused",
                        "[ERROR] backend a: HEALTHY -> UNHEALTHY: 3 probes failed in a row: status 503; "
                                + "no backend is healthy now");
    }

    @Test
    void aBackendWhoseProbesAreRefusedIsUnauthorizedUntilItIsHealthyAgain() {
        prober.firstByte("a", 10);
        fixture.update(backend("a"));
        scheduler.settle();
        prober.respondsWith("a", new ProbeResult.Failure("status 401", ProbeResult.Cause.CREDENTIAL));
        scheduler.advance(INTERVAL);
        assertThat(fixture.snapshot("a").unauthorized()).isFalse();
        scheduler.advance(INTERVAL.multipliedBy(4));
        assertThat(fixture.snapshot("a").unauthorized()).isTrue();
        prober.firstByte("a", 10);
        scheduler.advance(INTERVAL.multipliedBy(4));
        assertThat(fixture.snapshot("a").unauthorized()).isFalse();
    }

    @Test
    void aBackendThatRefusesProbesWithoutACredentialOfOursIsNotUnauthorized() {
        prober.respondsWith("a", new ProbeResult.Failure("status 401", ProbeResult.Cause.CREDENTIAL));
        fixture.update(with(backend("a"), new Credential.Passthrough()));
        scheduler.advance(INTERVAL.multipliedBy(4));
        assertThat(fixture.snapshot("a").reason()).endsWith("status 401");
        assertThat(fixture.snapshot("a").unauthorized()).isFalse();
    }
}
