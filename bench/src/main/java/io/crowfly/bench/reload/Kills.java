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

/** The preferred backend killed and brought back under load, again and again. */
final class Kills {

    private static final String FAST = "fast";

    /** Answers that say that traffic is back, and not just a stray one. */
    private static final long BACK = 20;

    /** Two good probes a second apart would do; a busy machine takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Setting setting;
    private final PrintWriter progress;
    private final List<Kill> kills = new ArrayList<>();
    private Wrk.Counts steady = new Wrk.Counts(0, 0, 0);
    private long unanswered;

    /**
     * @param inFlight slow bodies under way when it died, or not yet begun
     * @param brokenInPart of those, how many broke off
     * @param brokenOtherwise that began later and broke off all the same
     * @param before answers to small calls by backend while it lived
     * @param without the same while it was dead
     * @param backSeconds from its start until {@link #BACK} answers came from it; -1 if they never did
     */
    private record Kill(
            int inFlight,
            long brokenInPart,
            long brokenOtherwise,
            Map<String, Long> before,
            Map<String, Long> without,
            double backSeconds) {}

    Kills(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    void run(int count, int seconds) throws IOException, InterruptedException {
        SteadyLoad load = setting.steadyLoad();
        Calls slow = setting.slowCalls();
        Calls small = setting.smallCalls();
        try (slow;
                small) {
            awaitAnswersOfFast(small, 0);
            for (int i = 1; i <= count; i++) {
                kills.add(killAndBringBack(slow, small, seconds));
                progress.printf("kill %d of %d: %s%n", i, count, kills.get(i - 1));
                progress.flush();
            }
        }
        steady = load.stop();
        unanswered = unanswered(slow) + unanswered(small);
    }

    private Kill killAndBringBack(Calls slow, Calls small, int seconds) throws IOException, InterruptedException {
        int failuresBefore = slow.failed().size();
        Map<String, Long> start = small.byBackend();
        TimeUnit.SECONDS.sleep(seconds);
        Map<String, Long> atKill = small.byBackend();
        int inFlight = slow.inFlight();
        long killedNanos = System.nanoTime();
        setting.fast().kill();
        TimeUnit.SECONDS.sleep(seconds);
        Map<String, Long> atStart = small.byBackend();
        setting.fast().start();
        double back = awaitAnswersOfFast(small, atStart.getOrDefault(FAST, 0L));
        List<Calls.Failed> inPart = slow.failed().stream()
                .skip(failuresBefore)
                .filter(Calls.Failed::inPart)
                .toList();
        long ofThen = inPart.stream()
                .filter(failed -> failed.begunNanos() < killedNanos)
                .count();
        return new Kill(inFlight, ofThen, inPart.size() - ofThen, minus(atKill, start), minus(atStart, atKill), back);
    }

    /** Waits until it has given some more answers than {@code before}; returns the seconds that took, or -1. */
    private static double awaitAnswersOfFast(Calls small, long before) throws InterruptedException {
        long start = System.nanoTime();
        while (small.byBackend().getOrDefault(FAST, 0L) < before + BACK) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
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

    private long unanswered(Calls calls) {
        List<Calls.Failed> failed =
                calls.failed().stream().filter(call -> !call.inPart()).toList();
        failed.stream().limit(10).forEach(call -> progress.println(call.why()));
        return failed.size();
    }

    List<Claim> claims() {
        long inFlight = kills.stream().mapToLong(Kill::inFlight).sum();
        long brokenInPart = kills.stream().mapToLong(Kill::brokenInPart).sum();
        long brokenOtherwise = kills.stream().mapToLong(Kill::brokenOtherwise).sum();
        long back = kills.stream().filter(kill -> kill.backSeconds() >= 0).count();
        return List.of(
                Claim.none("kills: failed requests of wrk's %,d".formatted(steady.requests()), steady.errors()),
                Claim.none("kills: calls that failed without any answer", unanswered),
                Claim.atMost("kills: slow bodies broken off in part, of those under way", inFlight, brokenInPart, ""),
                Claim.none("kills: slow bodies broken off that began later", brokenOtherwise),
                Claim.all("kills: traffic came back to the backend", kills.size(), back));
    }

    String figures() {
        StringBuilder table = new StringBuilder("""
                | kill | slow bodies under way | broken off | small calls by backend before | while it was dead | back after |
                |--:|--:|--:|---|---|--:|
                """);
        for (int i = 0; i < kills.size(); i++) {
            Kill kill = kills.get(i);
            table.append(String.format(
                    Locale.ROOT,
                    "| %d | %d | %d | %s | %s | %.1f s |%n",
                    i + 1,
                    kill.inFlight(),
                    kill.brokenInPart(),
                    kill.before(),
                    kill.without(),
                    kill.backSeconds()));
        }
        return table.toString();
    }
}
