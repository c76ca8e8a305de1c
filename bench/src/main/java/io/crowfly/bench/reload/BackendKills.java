package io.crowfly.bench.reload;

import io.crowfly.bench.load.Wrk;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Second part of {@code bench reload}: kills and restarts the preferred backend repeatedly under load, and counts lost
 * requests.
 */
final class BackendKills {

    private static final String FAST = "fast";

    /**
     * Number of responses from the restarted backend after which its traffic counts as returned. A single response
     * could be an exploration.
     */
    private static final long RESPONSES_WHEN_BACK = 20;

    /**
     * Limit of the wait until traffic has returned. Two successful probes, one second apart, are normally enough; a
     * busy machine is slower.
     */
    private static final Duration RETURN_TIMEOUT = Duration.ofSeconds(60);

    private final ReloadTestBed testBed;
    private final PrintWriter progress;
    private final List<Kill> kills = new ArrayList<>();
    private Wrk.Counts steadyCounts = new Wrk.Counts(0, 0, 0);
    private long withoutResponse;

    /**
     * Measurement of one kill of the preferred backend.
     *
     * @param inFlight slow bodies in flight at the kill, including responses that had not begun
     * @param truncated number of slow bodies that began before the kill and were truncated
     * @param truncatedLater number of slow bodies that began after the kill and were truncated
     * @param callsBefore responses to small calls by backend, before the kill
     * @param callsWithout responses to small calls by backend, while the backend was down
     * @param returnSeconds seconds from the restart until {@link #RESPONSES_WHEN_BACK} responses came from the backend;
     *     -1 if they did not come in time
     */
    private record Kill(
            int inFlight,
            long truncated,
            long truncatedLater,
            Map<String, Long> callsBefore,
            Map<String, Long> callsWithout,
            double returnSeconds) {}

    BackendKills(ReloadTestBed testBed, PrintWriter progress) {
        this.testBed = testBed;
        this.progress = progress;
    }

    void run(int count, int seconds) throws IOException, InterruptedException {
        SteadyLoad load = testBed.steadyLoad();
        CallLoop slow = testBed.slowCalls();
        CallLoop small = testBed.smallCalls();
        try (slow;
                small) {
            awaitFastBackend(small, 0);
            for (int i = 1; i <= count; i++) {
                kills.add(killAndBringBack(slow, small, seconds));
                progress.printf("kill %d of %d: %s%n", i, count, kills.get(i - 1));
                progress.flush();
            }
        }
        steadyCounts = load.stop();
        withoutResponse = countWithoutResponse(slow) + countWithoutResponse(small);
    }

    private Kill killAndBringBack(CallLoop slow, CallLoop small, int seconds) throws IOException, InterruptedException {
        int failuresBefore = slow.failed().size();
        Map<String, Long> start = small.byBackend();
        TimeUnit.SECONDS.sleep(seconds);
        Map<String, Long> atKill = small.byBackend();
        int inFlight = slow.inFlight();
        long killedNanos = System.nanoTime();
        testBed.fast().kill();
        TimeUnit.SECONDS.sleep(seconds);
        Map<String, Long> atStart = small.byBackend();
        testBed.fast().start();
        double returnSeconds = awaitFastBackend(small, atStart.getOrDefault(FAST, 0L));
        List<CallLoop.FailedCall> truncated = slow.failed().stream()
                .skip(failuresBefore)
                .filter(CallLoop.FailedCall::truncated)
                .toList();
        long startedBefore = truncated.stream()
                .filter(failed -> failed.startedNanos() < killedNanos)
                .count();
        return new Kill(
                inFlight,
                startedBefore,
                truncated.size() - startedBefore,
                minus(atKill, start),
                minus(atStart, atKill),
                returnSeconds);
    }

    /**
     * Waits until the fast backend has sent {@link #RESPONSES_WHEN_BACK} more responses than {@code before}. Returns
     * the waiting time in seconds, or -1 after a timeout.
     */
    private static double awaitFastBackend(CallLoop small, long before) throws InterruptedException {
        long start = System.nanoTime();
        while (small.byBackend().getOrDefault(FAST, 0L) < before + RESPONSES_WHEN_BACK) {
            if (System.nanoTime() - start > RETURN_TIMEOUT.toNanos()) {
                return -1;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static Map<String, Long> minus(Map<String, Long> later, Map<String, Long> earlier) {
        Map<String, Long> difference = new TreeMap<>(later);
        earlier.forEach((name, count) -> difference.merge(name, -count, Long::sum));
        return difference;
    }

    private long countWithoutResponse(CallLoop calls) {
        List<CallLoop.FailedCall> failed =
                calls.failed().stream().filter(call -> !call.truncated()).toList();
        failed.stream().limit(10).forEach(call -> progress.println(call.reason()));
        return failed.size();
    }

    List<Claim> claims() {
        long inFlight = kills.stream().mapToLong(Kill::inFlight).sum();
        long truncated = kills.stream().mapToLong(Kill::truncated).sum();
        long truncatedLater = kills.stream().mapToLong(Kill::truncatedLater).sum();
        long returnSeconds =
                kills.stream().filter(kill -> kill.returnSeconds() >= 0).count();
        return List.of(
                Claim.zero(
                        "kills: failed requests of wrk's %,d".formatted(steadyCounts.requests()),
                        steadyCounts.errors()),
                Claim.zero("kills: calls that failed without any response", withoutResponse),
                Claim.atMost("kills: truncated slow bodies, of those in flight", inFlight, truncated, ""),
                Claim.zero("kills: truncated slow bodies that began later", truncatedLater),
                Claim.equal("kills: traffic came back to the backend", kills.size(), returnSeconds));
    }

    String figures() {
        StringBuilder table = new StringBuilder("""
                | kill | slow bodies in flight | truncated | small calls by backend before | while the backend was down | back after |
                |--:|--:|--:|---|---|--:|
                """);
        for (int i = 0; i < kills.size(); i++) {
            Kill kill = kills.get(i);
            table.append(String.format(
                    Locale.ROOT,
                    "| %d | %d | %d | %s | %s | %.1f s |%n",
                    i + 1,
                    kill.inFlight(),
                    kill.truncated(),
                    kill.callsBefore(),
                    kill.callsWithout(),
                    kill.returnSeconds()));
        }
        return table.toString();
    }
}
