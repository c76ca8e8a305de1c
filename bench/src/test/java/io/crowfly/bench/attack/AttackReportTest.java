package io.crowfly.bench.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.attack.BalancerMonitor.Reported;
import io.crowfly.bench.attack.BalancerMonitor.Sample;
import io.crowfly.bench.attack.LatencyTimeline.Span;
import io.crowfly.bench.process.CoreTicks;
import io.crowfly.bench.proof.Proof;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The claims and the page of a run. */
class AttackReportTest {

    private static final long MIB = 1 << 20;
    private static final AttackPlan PLAN =
            new AttackPlan(100, 20, 30, 64, 60, 1, 4000, 200, 4, 20, 1000, "-Xmx256m", "{}");
    private static final Span QUIET = new Span(1000, 100, 1, 4);

    private static AttackRun.Measurement measurement(int from, int to, Span good, Span direct) {
        return new AttackRun.Measurement(new AttackRun.Part(from, to), good, direct);
    }

    private static AttackRun.Result result(Span during, Map<String, Long> lost, long peakMib, List<Sample> samples) {
        return result(during, QUIET, lost, peakMib, samples);
    }

    private static AttackRun.Result result(
            Span during, Span direct, Map<String, Long> lost, long peakMib, List<Sample> samples) {
        return new AttackRun.Result(
                new AttackRun.GoodLoad(200, 100),
                measurement(5, 15, QUIET, QUIET),
                measurement(20, 50, QUIET, QUIET),
                measurement(50, 150, during, direct),
                measurement(155, 185, QUIET, QUIET),
                List.of(measurement(50, 150, during, direct)),
                new GoodClients.Losses(lost, 3),
                new AttackRun.Attackers(
                        new AttackClients.Figures("dripping", 60, 100, 90, 0, 31, Map.of("408", 90L)),
                        new AttackClients.Figures("trickling", 4000, 9000, 8000, 1, 10.2, Map.of("408", 8000L)),
                        new AttackClients.Figures("half bodies", 200, 400, 300, 0, 32, Map.of("503", 300L)),
                        new AttackClients.Figures("closing", 20, 4000, 3990, 0, 0.5, Map.of()),
                        59_800),
                0,
                samples,
                256 * MIB,
                256 * MIB,
                peakMib * MIB,
                true,
                "all is well");
    }

    private static Sample sample(int second, long connections, long held) {
        return new Sample(
                TimeUnit.SECONDS.toNanos(second),
                new CoreTicks(60 * second, 100 * second),
                new CoreTicks(70 * second, 100 * second),
                300 * MIB,
                new Reported(2, connections, held, held + 20 * MIB));
    }

    private static List<Sample> recoveredAfter(int seconds) {
        return List.of(
                sample(60, 4300, 200 * MIB),
                sample(140, 4300, 200 * MIB),
                sample(150, 4300, 200 * MIB),
                sample(150 + seconds, 65, 0),
                sample(160 + seconds, 64, 0));
    }

    private static List<String> failed(AttackRun.Result result) {
        return AttackReport.of(PLAN, result, Map.of()).claims().stream()
                .filter(claim -> !claim.holds())
                .map(claim -> claim.statement() + ": " + claim.measured())
                .toList();
    }

    @Test
    void holdsIfGoodClientsHardlyNoticeTheAttack() {
        AttackRun.Result result = result(new Span(9000, 90, 2, 7.9), Map.of(), 700, recoveredAfter(4));
        assertThat(failed(result)).isEmpty();
        Proof proof = AttackReport.of(PLAN, result, Map.of("date", "today"));
        assertThat(proof.markdown())
                .contains("| good requests lost, of 12,003 (without 503 at a limit of memory) | 0 | 0 | held |")
                .contains("| attack, 0 s to 100 s | 90 | 2.0 | 7.9 | 4.0 | 4,300 | 200 | 220 | 300 | 2 | 60 | 70 |")
                .contains("| trickling | 4,000 | 9,000 | 8,000 | 1 | 10.2 | {408=8000} |");
    }

    @Test
    void allowsTheDelayOfTheLoadsOwnCore() {
        Span delayed = new Span(1000, 100, 1, 6);
        assertThat(failed(result(new Span(9000, 90, 2, 9.9), delayed, Map.of(), 700, recoveredAfter(4))))
                .isEmpty();
        assertThat(failed(result(new Span(9000, 90, 2, 10.1), delayed, Map.of(), 700, recoveredAfter(4))))
                .containsExactly("good clients' p99 during the attack: 10.10 ms");
    }

    @Test
    void failsForEachFault() {
        assertThat(failed(result(new Span(9000, 90, 2, 8.1), Map.of(), 700, recoveredAfter(4))))
                .containsExactly("good clients' p99 during the attack: 8.10 ms");
        assertThat(failed(result(QUIET, Map.of("status 502", 2L), 700, recoveredAfter(4))))
                .containsExactly("good requests lost, of 4,005 (without 503 at a limit of memory): 2");
        assertThat(failed(result(QUIET, Map.of(), 705, recoveredAfter(4))))
                .containsExactly("resident memory: peak: 705 MiB");
        assertThat(failed(result(QUIET, Map.of(), 700, recoveredAfter(6))))
                .containsExactly("time until connections and held memory were back to normal: 6.00 s");
        assertThat(failed(result(QUIET, Map.of(), 700, List.of(sample(60, 4300, 0), sample(170, 70, 0)))))
                .containsExactly("time until connections and held memory were back to normal: never");
    }
}
