package io.crowfly.bench.attack;

import io.crowfly.bench.attack.BalancerMonitor.Sample;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** Turns the result of a run into claims and a page. */
final class AttackReport {

    private static final long MIB = 1 << 20;

    /** Bound of the good clients' 99th percentile during the attack, as a multiple of that before. */
    private static final int P99_FACTOR = 2;

    /** The same after the attack. Two measurements without an attack differ by less. */
    private static final double P99_FACTOR_AFTER = 1.5;

    /** Memory of a JVM in addition to heap and direct memory: classes, compiled code, collector and threads. */
    private static final long JVM_MIB = 192;

    /** Connections that may be open besides those of the good clients, as one that a good client replaces. */
    private static final int OTHER_CONNECTIONS = 5;

    /** {@code timeouts.head}, with the time that a busy machine needs to open or close thousands of connections. */
    private static final int LONGEST_HEAD_SECONDS = 13;

    /** {@code timeouts.body-window} and lingering. */
    private static final int LONGEST_CHUNK_LINE_SECONDS = 35;

    /** {@code timeouts.body}, for a body that waits for memory, and lingering. */
    private static final int LONGEST_HALF_BODY_SECONDS = 65;

    private AttackReport() {}

    static Proof of(AttackPlan plan, AttackRun.Result result, Map<String, String> facts) {
        return new Proof(
                "Hostile clients beside good ones", method(plan), facts, claims(plan, result), figures(result));
    }

    private static String method(AttackPlan plan) {
        return """
                %d good clients send chat completions of 2 KiB over persistent connections, at half of the rate that they
                reach at full speed. A latency counts from the moment when the request was due. Beside them, for %d
                seconds and all at once: %d connections that send 30 KB heads and chunk lines byte by byte, a byte every
                %d ms; %d connections that send a byte of a head every ten seconds; %d connections that send half of a
                %d MiB body before its model; and %d connections that are closed at a random moment. Each connection that
                is closed is replaced. Balancer, two simulated endpoints and all clients share this machine. The good
                clients are also measured for %d seconds before the attack, and for as long from %d seconds after it.
                """.formatted(
                        plan.good(),
                        plan.seconds(),
                        plan.dripping(),
                        plan.dripMillis(),
                        plan.trickling(),
                        plan.holding(),
                        plan.bodyMib(),
                        plan.closing(),
                        plan.quietSeconds(),
                        AttackPlan.RECOVERY_SECONDS);
    }

    private static List<Claim> claims(AttackPlan plan, AttackRun.Result result) {
        double before = result.before().p99Millis();
        long directBytes = result.directBytes() == 0 ? result.heapBytes() : result.directBytes();
        long maxPeak = (result.heapBytes() + directBytes) / MIB + JVM_MIB;
        List<Claim> claims = new ArrayList<>(List.of(
                Claim.zero(
                        "good requests lost, of %,d (without 503 at a limit of memory)".formatted(requests(result)),
                        result.losses().count()),
                Claim.within(
                        "good clients' p99 during the attack",
                        P99_FACTOR * before,
                        result.during().p99Millis(),
                        " ms"),
                Claim.within(
                        "good clients' p99 from %d s after the attack".formatted(AttackPlan.RECOVERY_SECONDS),
                        P99_FACTOR_AFTER * before,
                        result.after().p99Millis(),
                        " ms"),
                Claim.within(
                        "time until connections and held memory were back to normal",
                        AttackPlan.RECOVERY_SECONDS,
                        recoverySeconds(plan, result),
                        " s"),
                Claim.atMost("resident memory: peak", maxPeak, result.peakResidentBytes() / MIB, " MiB"),
                Claim.zero("OutOfMemoryError in the log", outOfMemoryErrors(result.log())),
                new Claim("the process is alive", "yes", result.alive() ? "yes" : "no", result.alive()),
                Claim.zero("samples without a 200 of /healthz", silentSamples(result))));
        addLongest(claims, plan, result.attackers().get(0), LONGEST_CHUNK_LINE_SECONDS);
        addLongest(claims, plan, result.attackers().get(1), LONGEST_HEAD_SECONDS);
        addLongest(claims, plan, result.attackers().get(2), LONGEST_HALF_BODY_SECONDS);
        return claims;
    }

    /** A shorter attack cannot show that connections are closed in time. */
    private static void addLongest(List<Claim> claims, AttackPlan plan, AttackClients.Figures figures, int maxSeconds) {
        if (plan.seconds() > maxSeconds) {
            claims.add(Claim.within(
                    figures.name() + ": longest life of a connection", maxSeconds, figures.longestSeconds(), " s"));
        }
    }

    private static long requests(AttackRun.Result result) {
        return result.before().requests()
                + result.during().requests()
                + result.after().requests()
                + result.losses().count()
                + result.losses().refused();
    }

    private static long nanosOf(AttackRun.Result result, int second) {
        return result.startNanos() + TimeUnit.SECONDS.toNanos(second);
    }

    /**
     * Returns the time from the end of the attack to the first sample from which on only the good clients were connected
     * and no memory was held; infinite if there is none.
     */
    private static double recoverySeconds(AttackPlan plan, AttackRun.Result result) {
        long endNanos = nanosOf(result, result.parts().attackEnd());
        double seconds = Double.POSITIVE_INFINITY;
        for (Sample sample : result.samples()) {
            if (sample.nanos() < endNanos) {
                continue;
            }
            boolean normal = sample.connections() >= 0
                    && sample.connections() <= plan.good() + OTHER_CONNECTIONS
                    && sample.heldBytes() == 0;
            if (!normal) {
                seconds = Double.POSITIVE_INFINITY;
            } else if (Double.isInfinite(seconds)) {
                seconds = (sample.nanos() - endNanos) / 1e9;
            }
        }
        return seconds;
    }

    private static long silentSamples(AttackRun.Result result) {
        return result.samples().stream()
                .filter(sample -> sample.healthzMillis() < 0)
                .count();
    }

    private static long outOfMemoryErrors(String log) {
        return log.lines().filter(line -> line.contains("OutOfMemory")).count();
    }

    private static String figures(AttackRun.Result result) {
        StringBuilder page = new StringBuilder();
        page.append(String.format(
                Locale.ROOT,
                "At full speed the good clients reach %,.0f requests per second. %,d good requests got a 503 at a limit of"
                        + " memory. Lost requests by reason: %s.%n%n",
                result.topLoad(),
                result.losses().refused(),
                result.losses().lost().isEmpty() ? "none" : result.losses().lost()));
        page.append("""
                | good clients | requests/s | median, ms | p99, ms | most connections | most held, MiB | most RSS, MiB | slowest /healthz, ms |
                |---|--:|--:|--:|--:|--:|--:|--:|
                """);
        AttackRun.Parts parts = result.parts();
        addRow(page, result, "before", result.before(), parts.before(), parts.attack());
        int from = parts.attack();
        for (LatencyTimeline.Span slice : result.attackSlices()) {
            int to = Math.min(parts.attackEnd(), from + result.sliceSeconds());
            String label = "attack, %d s to %d s".formatted(from - parts.attack(), to - parts.attack());
            addRow(page, result, label, slice, from, to);
            from = to;
        }
        addRow(page, result, "after", result.after(), parts.after(), parts.end());
        page.append("""

                | attack | connections at a time | opened | closed | not opened | longest life, s | first response |
                |---|--:|--:|--:|--:|--:|---|
                """);
        for (AttackClients.Figures figures : result.attackers()) {
            page.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d | %,d | %,d | %.1f | %s |%n",
                    figures.name(),
                    figures.count(),
                    figures.opened(),
                    figures.closed(),
                    figures.notOpened(),
                    figures.longestSeconds(),
                    figures.responses()));
        }
        return page.toString();
    }

    private static void addRow(
            StringBuilder page, AttackRun.Result result, String label, LatencyTimeline.Span span, int from, int to) {
        List<Sample> samples = result.samples().stream()
                .filter(sample -> sample.nanos() >= nanosOf(result, from) && sample.nanos() < nanosOf(result, to))
                .toList();
        page.append(String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.1f | %.1f | %,d | %,d | %,d | %,d |%n",
                label,
                span.perSecond(),
                span.medianMillis(),
                span.p99Millis(),
                most(samples, Sample::connections),
                most(samples, Sample::heldBytes) / MIB,
                most(samples, Sample::residentBytes) / MIB,
                most(samples, Sample::healthzMillis)));
    }

    private static long most(List<Sample> samples, ToLongFunction<Sample> value) {
        return samples.stream().mapToLong(value).max().orElse(0);
    }
}
