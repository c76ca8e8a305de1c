package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Part of {@code bench choose}: measures when the best of two backends gets most requests again after a bad beginning.
 * Its probes pass all the time, so only live requests can show that the backend is fast again.
 */
final class RecoveryMeasurement {

    private static final String BEST = "best";
    private static final String OTHER = "other";

    private static final double SLOW_SECONDS = 1;
    private static final int FROZEN_SECONDS = 5;

    /** Share of the requests that the best backend must have again. */
    private static final double MIN_SHARE = 0.7;

    /**
     * History of the best backend before it recovers.
     *
     * @param perSecond rate of the requests
     * @param slowMillis time at the beginning in which responses are slow; 0 if they are fast
     * @param goodSeconds time of fast responses before the backend holds its responses; 0 if it does not
     * @param maxSeconds time within which the backend must have most requests again
     */
    private record History(String name, int perSecond, int slowMillis, int goodSeconds, int maxSeconds) {}

    private static final List<History> HISTORIES = List.of(
            new History("responses of the first 0.5 s take 1 s", 20, 500, 0, 20),
            new History("responses of the first 1.2 s take 1 s", 50, 1200, 0, 10),
            new History("frozen for 5 s after one good second", 10, 0, 1, 20),
            new History("frozen for 5 s after eight good seconds", 10, 0, 8, 20));

    private RecoveryMeasurement() {}

    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Claim> claims = new ArrayList<>();
        StringBuilder figures = new StringBuilder("""
                Recovery: share of the best backend (30 ms, the other 120 ms) in each second after it was fast again, in
                percent.

                | history | requests per second | back after | share afterwards |
                |---|--:|--:|---|
                """);
        for (int i = 0; i < HISTORIES.size(); i++) {
            History history = HISTORIES.get(i);
            measure(starter, folder.resolve("history" + i), history, claims, figures);
            progress.println("recovery: " + history.name());
            progress.flush();
        }
        return new PartResult(claims, figures.toString());
    }

    private static void measure(
            ChooseTestBed.BalancerStarter starter,
            Path folder,
            History history,
            List<Claim> claims,
            StringBuilder figures)
            throws IOException, InterruptedException {
        List<SimulatedBackend> backends = List.of(
                SimulatedBackend.create(BEST, Cloud.OPENAI, 30), SimulatedBackend.create(OTHER, Cloud.OPENAI, 120));
        try (ChooseTestBed setting =
                ChooseTestBed.open(starter, folder, backends, "probes: {http: {path: /health}}\n")) {
            Behaviour normal = setting.normalBehaviour(BEST);
            if (history.slowMillis() > 0) {
                setting.setBehaviour(BEST, normal.withFirstToken(seconds(SLOW_SECONDS)));
            }
            PoissonTraffic traffic = new PoissonTraffic(
                    setting.clients(), history.perSecond(), () -> ClientRequest.streamedChat("chat"));
            if (history.slowMillis() > 0) {
                TimeUnit.MILLISECONDS.sleep(history.slowMillis());
            } else {
                TimeUnit.SECONDS.sleep(history.goodSeconds());
                setting.setBehaviour(BEST, normal.withFirstToken(seconds(FROZEN_SECONDS)));
                TimeUnit.SECONDS.sleep(FROZEN_SECONDS);
            }
            setting.restoreBehaviour(BEST);
            long recovered = System.nanoTime();
            TimeUnit.SECONDS.sleep(history.maxSeconds() + 5L);
            traffic.stop();
            List<CallResult> after = traffic.results(recovered, Long.MAX_VALUE);
            double back = secondsUntilBack(after, recovered, history.perSecond());
            claims.add(Claim.within(
                    "recovery: 70%% back, %s, %d per second".formatted(history.name(), history.perSecond()),
                    history.maxSeconds(),
                    back,
                    " s"));
            figures.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.2f s | %s |%n",
                    history.name(),
                    history.perSecond(),
                    back,
                    TrafficShift.shares(after, recovered, BEST)));
        }
    }

    private static Delay seconds(double seconds) {
        return new Delay.Fixed(Duration.ofMillis((long) (1000 * seconds)));
    }

    /**
     * Returns the time until the best backend has its share in the requests of the following second; infinite if that
     * does not happen.
     */
    private static double secondsUntilBack(List<CallResult> calls, long fromNanos, int perSecond) {
        for (int i = 0; i + perSecond <= calls.size(); i++) {
            if (CallResult.share(calls.subList(i, i + perSecond), BEST) >= MIN_SHARE) {
                return (calls.get(i).sentNanos() - fromNanos) / 1e9;
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
