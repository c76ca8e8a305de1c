package io.crowfly.bench.memory;

import static io.crowfly.bench.memory.MemoryLimits.MIB;

import io.crowfly.bench.memory.MemoryMonitor.MemorySample;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Report of {@code bench memory}: turns the figures of a run into claims and a page. */
final class MemoryReport {

    private static final String METHOD = """
            A balancer with %d MiB of heap and %d MiB of direct memory, with Netty's leak detector at `paranoid`,
            between clients and a simulated endpoint in a separate JVM. Large bodies are sent up and down at full speed.
            At the same time, one client reads 1 MiB/s and another sends to an endpoint that reads 1 MiB/s. Then clients
            disconnect in the middle of token streams and of large bodies that they don't read, half of them by a reset,
            in waves. Resident memory is sampled five times per second. The warm-up does all of this once, with smaller
            bodies. At the end the heap is collected, and the log is searched for leaks.
            """.formatted(MemoryLimits.HEAP_MIB, MemoryLimits.DIRECT_MIB);

    /**
     * Minimum number of samples for the check of {@link MemoryLimits#FLAT_MIB}. Fewer samples give no useful median, so
     * short runs skip this check.
     */
    private static final int MIN_SAMPLES = 15;

    private MemoryReport() {}

    static Proof of(MemoryRun.Result result, Map<String, String> facts) {
        return new Proof("Memory", METHOD, facts, claims(result), figures(result));
    }

    private static List<Claim> claims(MemoryRun.Result result) {
        String log = result.log();
        long intact = result.transfers().stream().filter(Transfer::intact).count();
        long[] warmUp = resident(result.samples(), MemoryRun.WARM_UP::equals);
        long[] after = resident(result.samples(), phase -> !phase.equals(MemoryRun.WARM_UP));
        long[] large = resident(result.samples(), MemoryRun.LARGE_BODIES::equals);
        long spread = max(large) - MemoryMonitor.median(large);
        long growth = Math.max(0, max(after) - max(warmUp));
        long maxPeak = MemoryLimits.HEAP_MIB + MemoryLimits.DIRECT_MIB + MemoryLimits.JVM_MIB;
        boolean limited = result.flags().contains("MaxHeapSize=" + MemoryLimits.HEAP_MIB * MIB)
                && result.flags().contains("MaxDirectMemorySize=" + MemoryLimits.DIRECT_MIB * MIB)
                && result.flags().contains("leakDetection.level=paranoid");
        List<Claim> claims = new ArrayList<>(List.of(
                new Claim("the JVM has the configured memory limits", "yes", limited ? "yes" : "no", limited),
                Claim.equal(
                        "large bodies complete, by CRC32C", result.transfers().size(), intact),
                Claim.zero("OutOfMemoryError in the log", lines(log, "OutOfMemory")),
                Claim.zero("leaks in the log", lines(log, "LEAK:"))));
        if (large.length >= MIN_SAMPLES) {
            claims.add(Claim.atMost(
                    "resident memory while large bodies pass: maximum beyond median",
                    MemoryLimits.FLAT_MIB,
                    spread / MIB,
                    " MiB"));
        }
        claims.addAll(List.of(
                Claim.atMost(
                        "resident memory: maximum beyond the maximum of the warm-up",
                        MemoryLimits.GROWTH_MIB,
                        growth / MIB,
                        " MiB"),
                Claim.atMost("resident memory: peak", maxPeak, result.peakResidentBytes() / MIB, " MiB"),
                Claim.atMost(
                        "bytes accepted ahead of a slow endpoint",
                        MemoryLimits.AHEAD_MIB,
                        result.bytesAhead() / MIB,
                        " MiB"),
                cancelled("the slow transfers that disconnected", result.slowIdleSeconds()),
                cancelled(
                        "%d times %d clients that disconnected".formatted(result.waves(), result.clientsPerWave()),
                        result.idleSeconds())));
        return claims;
    }

    private static Claim cancelled(String requests, double seconds) {
        boolean all = seconds >= 0;
        return new Claim(
                "requests cancelled upstream of " + requests,
                "all",
                all ? String.format(Locale.ROOT, "all after %.2f s", seconds) : "not all",
                all);
    }

    private static String figures(MemoryRun.Result result) {
        StringBuilder text = new StringBuilder("| body | MiB | seconds | MiB/s | complete |\n|---|--:|--:|--:|---|\n");
        for (Transfer transfer : result.transfers()) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %.1f | %,.0f | %s |%n",
                    transfer.description(),
                    transfer.bytes() / MIB,
                    transfer.seconds(),
                    transfer.mibPerSecond(),
                    transfer.intact() ? "yes" : "NO"));
        }
        text.append(String.format(
                Locale.ROOT, "%nThe slow client read %,d MiB, all correct.%n", result.slowClientBytes() / MIB));
        text.append("\n| phase | samples | RSS median, MiB | RSS maximum, MiB |\n|---|--:|--:|--:|\n");
        byPhase(result.samples()).forEach((phase, samples) -> {
            long[] resident = resident(samples);
            text.append("| %s | %d | %d | %d |\n"
                    .formatted(phase, resident.length, MemoryMonitor.median(resident) / MIB, max(resident) / MIB));
        });
        long[] heap = result.heapBytes().stream().mapToLong(Long::longValue).toArray();
        text.append(String.format(
                Locale.ROOT,
                "%nHeap in use: median %d MiB, maximum %d MiB.%n",
                MemoryMonitor.median(heap) / MIB,
                max(heap) / MIB));
        return text.toString();
    }

    private static Map<String, List<MemorySample>> byPhase(List<MemorySample> samples) {
        return samples.stream()
                .collect(Collectors.groupingBy(MemorySample::phase, LinkedHashMap::new, Collectors.toList()));
    }

    private static long[] resident(List<MemorySample> samples, Predicate<String> phase) {
        return resident(
                samples.stream().filter(sample -> phase.test(sample.phase())).toList());
    }

    private static long[] resident(List<MemorySample> samples) {
        return samples.stream().mapToLong(MemorySample::residentBytes).toArray();
    }

    private static long max(long[] values) {
        long max = 0;
        for (long each : values) {
            max = Math.max(max, each);
        }
        return max;
    }

    private static long lines(String log, String word) {
        return log.lines().filter(line -> line.contains(word)).count();
    }
}
