package io.crowfly.probes;

import static io.crowfly.probes.TestBackends.INTERVAL;
import static io.crowfly.probes.TestBackends.TIMEOUT;
import static io.crowfly.probes.TestBackends.backend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {

    private static final RandomGenerator MIDDLE = fixed(1L << 63); // nextDouble() is 0.5: no jitter

    private final FakeScheduler scheduler = new FakeScheduler();
    private final ScriptedProber prober = new ScriptedProber(scheduler);
    private final List<ProbeResult> results = new ArrayList<>();

    /** A generator that always draws the same number. */
    private static RandomGenerator fixed(long bits) {
        return () -> bits;
    }

    private ProbeSchedule started(RandomGenerator random) {
        return started(random, results::add);
    }

    private ProbeSchedule started(RandomGenerator random, Consumer<ProbeResult> resultConsumer) {
        ProbeSchedule schedule = new ProbeSchedule(backend("a"), prober, scheduler, random, resultConsumer);
        schedule.start();
        scheduler.settle();
        return schedule;
    }

    private List<Long> gaps() {
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < prober.probings.size(); i++) {
            gaps.add(prober.probings.get(i).atNanos()
                    - prober.probings.get(i - 1).atNanos());
        }
        return gaps;
    }

    @Test
    void probesAtOnceAndThenOnItsInterval() {
        prober.firstByte("a", 5);
        started(MIDDLE);
        assertThat(prober.probings).hasSize(1);
        assertThat(results).hasSize(1);

        scheduler.advance(INTERVAL.multipliedBy(10));
        assertThat(gaps()).hasSize(10).containsOnly(INTERVAL.toNanos());
        assertThat(results).hasSize(11);
    }

    @Test
    void jittersByATenthOfTheIntervalAtMost() {
        prober.firstByte("a", 5);
        started(new Random(10));
        scheduler.advance(INTERVAL.multipliedBy(1_000));

        long interval = INTERVAL.toNanos();
        assertThat(gaps()).hasSizeBetween(950, 1_050).allSatisfy(gap -> assertThat(gap)
                .isBetween(interval * 9 / 10, interval * 11 / 10));
        assertThat(gaps()).anyMatch(gap -> gap < interval * 92 / 100).anyMatch(gap -> gap > interval * 108 / 100);
        assertThat(new HashSet<>(gaps())).hasSizeGreaterThan(900);
    }

    @Test
    void countsTheIntervalFromStartToStart() {
        prober.on(
                "a",
                probing -> scheduler.schedule(
                        TIMEOUT.toNanos(), () -> probing.whenDone().accept(ScriptedProber.firstByte(800))));
        started(MIDDLE);
        scheduler.advance(INTERVAL.multipliedBy(3));
        assertThat(gaps()).hasSize(3).containsOnly(INTERVAL.toNanos());
    }

    @Test
    void neverStartsAProbeDuringAnother() {
        Duration slow = INTERVAL.multipliedBy(3).dividedBy(2);
        prober.on(
                "a",
                probing -> scheduler.schedule(
                        slow.toNanos(), () -> probing.whenDone().accept(ScriptedProber.firstByte(1_500))));
        started(MIDDLE);
        scheduler.advance(slow.multipliedBy(4));
        assertThat(gaps()).hasSize(4).containsOnly(slow.toNanos());
    }

    @Test
    void treatsAnExceptionOfTheProberAsAFailureAndContinues() {
        prober.on("a", probing -> {
            throw new IllegalStateException("api-key: hunter2");
        });
        started(MIDDLE);
        assertThat(results).containsExactly(new ProbeResult.Failure("probe not sent: IllegalStateException"));

        prober.firstByte("a", 5);
        scheduler.advance(INTERVAL);
        assertThat(results).hasSize(2).last().isEqualTo(ScriptedProber.firstByte(5));
    }

    @Test
    void treatsALostProbeAsAFailureAndContinues() {
        prober.neverResponds("a");
        started(MIDDLE);
        scheduler.advance(TIMEOUT.plusMillis(999));
        assertThat(results).isEmpty();
        scheduler.advance(Duration.ofMillis(1));
        assertThat(results).containsExactly(new ProbeResult.Failure("probe lost, no result after 1800ms"));

        scheduler.settle();
        assertThat(prober.probings).hasSize(2);
    }

    @Test
    void ignoresResultsAfterTheEndOfAProbe() {
        prober.neverResponds("a");
        started(MIDDLE);
        scheduler.advance(TIMEOUT.plusSeconds(1)); // the first is lost, the second is in progress
        assertThat(prober.probings).hasSize(2);

        prober.probings.get(0).whenDone().accept(ScriptedProber.firstByte(5));
        scheduler.settle();
        assertThat(results).hasSize(1);

        prober.probings.get(1).whenDone().accept(ScriptedProber.firstByte(6));
        prober.probings.get(1).whenDone().accept(ScriptedProber.firstByte(7));
        scheduler.settle();
        assertThat(results).hasSize(2).last().isEqualTo(ScriptedProber.firstByte(6));

        prober.firstByte("a", 8);
        scheduler.advance(INTERVAL.multipliedBy(2));
        assertThat(gaps().subList(1, gaps().size())).isNotEmpty().containsOnly(INTERVAL.toNanos());
    }

    @Test
    void passesEveryResultThroughTheScheduler() {
        prober.firstByte("a", 5); // completes while probe() is still on the stack
        List<Integer> probingsAtOutcome = new ArrayList<>();
        prober.on("a", probing -> {
            probing.whenDone().accept(ScriptedProber.firstByte(5));
            probingsAtOutcome.add(results.size());
        });
        started(MIDDLE);
        assertThat(probingsAtOutcome).containsExactly(0);
        assertThat(results).hasSize(1);
    }

    @Test
    void continuesWhenTheResultConsumerThrows() {
        prober.firstByte("a", 5);
        assertThatThrownBy(() -> started(MIDDLE, result -> {
                    throw new IllegalStateException("receiver");
                }))
                .hasMessage("receiver");
        assertThatThrownBy(() -> scheduler.advance(INTERVAL)).hasMessage("receiver");
        assertThat(prober.probings).hasSize(2);
    }

    @Test
    void passesNoResultOnAfterStop() {
        prober.neverResponds("a");
        ProbeSchedule schedule = started(MIDDLE);
        schedule.stop();
        prober.probings.get(0).whenDone().accept(ScriptedProber.firstByte(5));
        scheduler.advance(INTERVAL.multipliedBy(10));
        assertThat(results).isEmpty();
        assertThat(prober.probings).hasSize(1);
    }

    @Test
    void sendsNoProbeWhenStoppedBeforeTheFirst() {
        ProbeSchedule schedule = new ProbeSchedule(backend("a"), prober, scheduler, MIDDLE, results::add);
        schedule.start();
        schedule.stop();
        scheduler.advance(INTERVAL.multipliedBy(3));
        assertThat(prober.probings).isEmpty();
    }
}
