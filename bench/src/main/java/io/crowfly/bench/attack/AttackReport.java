package io.crowfly.bench.attack;

import io.crowfly.bench.attack.BalancerMonitor.Sample;
import io.crowfly.bench.process.CoreTicks;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

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
                %d good clients send chat completions of 2 KiB over persistent connections, at the rate at which the
                balancer's core is busy for half of the time. A latency counts from the moment when the request was due. Beside them, for %d
                seconds and all at once: %d connections that send 30 KB heads and chunk lines byte by byte, a byte every
                %d ms; %d connections that send a byte of a head every ten seconds; %d connections that send half of a
                %d MiB body before its model; and %d connections that are closed at a random moment. Each connection that
                is closed is replaced; the attackers of a kind open at most %,d connections per second. The balancer is
                pinned to one core; its backends (two nginx) and all clients, the attackers too, are pinned to another.
                A few more clients send the same requests to a backend, without the balancer: by how much their p99
                rises is the delay of that other core, and is allowed in addition. The good clients are also measured for %d seconds before the attack, and for as long
                from %d seconds after it. Before that, the JVM is warmed up: at full speed, and with another attack of %d
                seconds, so that code which is compiled only once does not count.
                """.formatted(
                        plan.good(),
                        plan.seconds(),
                        plan.dripping(),
                        plan.dripMillis(),
                        plan.trickling(),
                        plan.holding(),
                        plan.bodyMib(),
                        plan.closing(),
                        plan.opensPerSecond(),
                        plan.quietSeconds(),
                        plan.recoverySeconds(),
                        plan.firstSeconds());
    }

    private static List<Claim> claims(AttackPlan plan, AttackRun.Result result) {
        double before = result.before().good().p99Millis();
        long maxPeak = (result.heapBytes() + result.directBytes()) / MIB + JVM_MIB;
        List<Claim> claims = new ArrayList<>(List.of(
                Claim.zero(
                        "good requests lost, of %,d (without 503 at a limit of memory)".formatted(requests(result)),
                        result.losses().count()),
                Claim.within(
                        "good clients' p99 during the attack",
                        P99_FACTOR * before + loadDelayMillis(result.during(), result.before()),
                        result.during().good().p99Millis(),
                        " ms"),
                Claim.within(
                        "good clients' p99 from %d s after the attack".formatted(plan.recoverySeconds()),
                        P99_FACTOR_AFTER * before + loadDelayMillis(result.after(), result.before()),
                        result.after().good().p99Millis(),
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
        addLongest(claims, plan, result.attackers().dripping(), LONGEST_CHUNK_LINE_SECONDS);
        addLongest(claims, plan, result.attackers().trickling(), LONGEST_HEAD_SECONDS);
        addLongest(claims, plan, result.attackers().holding(), LONGEST_HALF_BODY_SECONDS);
        return claims;
    }

    /** Returns by how much the load's own core delays requests more than before, in milliseconds. */
    private static double loadDelayMillis(AttackRun.Measurement part, AttackRun.Measurement before) {
        return Math.max(0, part.direct().p99Millis() - before.direct().p99Millis());
    }

    /** A shorter attack cannot show that connections are closed in time. */
    private static void addLongest(List<Claim> claims, AttackPlan plan, AttackClients.Figures figures, int maxSeconds) {
        if (plan.seconds() > maxSeconds) {
            claims.add(Claim.within(
                    figures.name() + ": longest life of a connection", maxSeconds, figures.longestSeconds(), " s"));
        }
    }

    private static long requests(AttackRun.Result result) {
        return Stream.of(result.first(), result.before(), result.during(), result.after())
                        .mapToLong(measurement -> measurement.good().requests())
                        .sum()
                + result.losses().count()
                + result.losses().refused();
    }

    private static long nanosOf(AttackRun.Result result, int second) {
        return result.startNanos() + TimeUnit.SECONDS.toNanos(second);
    }

    /**
     * Returns the time from the end of the attack until only the good clients are connected and no memory is held, from
     * that sample to the last one; infinite if there is no such sample.
     */
    private static double recoverySeconds(AttackPlan plan, AttackRun.Result result) {
        long endNanos = nanosOf(result, result.during().part().to());
        double seconds = Double.POSITIVE_INFINITY;
        for (Sample sample : result.samples()) {
            if (sample.nanos() < endNanos) {
                continue;
            }
            boolean normal = sample.reported().connections() >= 0
                    && sample.reported().connections() <= plan.good() + OTHER_CONNECTIONS
                    && sample.reported().heldBytes() == 0;
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
                .filter(sample -> sample.reported().healthzMillis() < 0)
                .count();
    }

    private static long outOfMemoryErrors(String log) {
        return log.lines().filter(line -> line.contains("OutOfMemory")).count();
    }

    private static String figures(AttackRun.Result result) {
        StringBuilder page = new StringBuilder();
        page.append(String.format(
                Locale.ROOT,
                "At full speed the good clients reach %,.0f requests per second; half load is %,.0f. %,d good requests got a 503 at a limit of"
                        + " memory. Lost requests by reason: %s. The dripping connections sent %,.0f bytes per second together.%n%n",
                result.load().fullSpeed(),
                result.load().perSecond(),
                result.losses().refused(),
                result.losses().lost().isEmpty() ? "none" : result.losses().lost(),
                result.attackers().dripsPerSecond()));
        page.append("""
                | good clients | requests/s | median, ms | p99, ms | p99 without balancer, ms | most connections | most held, MiB | most direct, MiB | most RSS, MiB | slowest /healthz, ms | balancer's core, % | load's core, % |
                |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
                """);
        int attack = result.during().part().from();
        addRow(page, result, "first attack after the start", result.first());
        addRow(page, result, "before", result.before());
        for (AttackRun.Measurement slice : result.slices()) {
            AttackRun.Part part = slice.part();
            addRow(page, result, "attack, %d s to %d s".formatted(part.from() - attack, part.to() - attack), slice);
        }
        addRow(page, result, "after", result.after());
        page.append("""

                | attack | connections at a time | opened | closed | not opened | longest life, s | first response |
                |---|--:|--:|--:|--:|--:|---|
                """);
        AttackRun.Attackers attackers = result.attackers();
        for (AttackClients.Figures figures :
                List.of(attackers.dripping(), attackers.trickling(), attackers.holding(), attackers.closing())) {
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
            StringBuilder page, AttackRun.Result result, String label, AttackRun.Measurement measurement) {
        long fromNanos = nanosOf(result, measurement.part().from());
        long toNanos = nanosOf(result, measurement.part().to());
        List<Sample> samples = result.samples().stream()
                .filter(sample -> sample.nanos() >= fromNanos && sample.nanos() < toNanos)
                .toList();
        page.append(String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.1f | %.1f | %.1f | %,d | %,d | %,d | %,d | %,d | %.0f | %.0f |%n",
                label,
                measurement.good().perSecond(),
                measurement.good().medianMillis(),
                measurement.good().p99Millis(),
                measurement.direct().p99Millis(),
                most(samples, sample -> sample.reported().connections()),
                most(samples, sample -> sample.reported().heldBytes()) / MIB,
                most(samples, sample -> sample.reported().directBytes()) / MIB,
                most(samples, Sample::residentBytes) / MIB,
                most(samples, sample -> sample.reported().healthzMillis()),
                busyPercent(samples, Sample::balancerCore),
                busyPercent(samples, Sample::loadCore)));
    }

    private static double busyPercent(List<Sample> samples, Function<Sample, CoreTicks> core) {
        return samples.isEmpty()
                ? 0
                : core.apply(samples.get(samples.size() - 1)).percentSince(core.apply(samples.get(0)));
    }

    private static long most(List<Sample> samples, ToLongFunction<Sample> value) {
        return samples.stream().mapToLong(value).max().orElse(0);
    }
}
