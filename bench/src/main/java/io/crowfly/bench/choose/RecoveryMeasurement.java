package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Part of {@code bench choose}: measures when the best of two backends gets most requests again after a bad beginning.
 * Its probes pass all the time, so only live requests can show that the backend is fast again.
 */
final class RecoveryMeasurement {

    private static final String BEST = "best";
    private static final String OTHER = "other";

    private static final double SLOW_SECONDS = 1;
    private static final int BAD_SECONDS = 5;

    /** Share of the requests that the best backend must have again. */
    private static final double MIN_SHARE = 0.7;

    /** Minimum number of requests over which the share is taken, because few of them would be a matter of chance. */
    private static final int MIN_WINDOW = 10;

    /** What is wrong with the best backend before it recovers. */
    private enum Fault {
        SLOW,
        FROZEN,
        REFUSES
    }

    /**
     * History of the best backend before it recovers.
     *
     * @param perSecond rate of the requests for the model that is measured
     * @param goodMillis time of fast responses at the beginning
     * @param badMillis time of the fault after that
     * @param otherPerSecond rate of the requests for another model
     * @param maxSeconds time within which the backend must have most requests again
     */
    private record History(
            String name,
            int perSecond,
            Fault fault,
            int goodMillis,
            int badMillis,
            int otherPerSecond,
            int maxSeconds) {

        static History slow(int perSecond, int badMillis, int maxSeconds) {
            String name = "responses of the first %.1f s take 1 s".formatted(badMillis / 1000.0);
            return new History(name, perSecond, Fault.SLOW, 0, badMillis, 0, maxSeconds);
        }

        static History frozen(int perSecond, int goodSeconds, int maxSeconds) {
            String name = "frozen for %d s after %d good seconds".formatted(BAD_SECONDS, goodSeconds);
            return new History(name, perSecond, Fault.FROZEN, 1000 * goodSeconds, 1000 * BAD_SECONDS, 0, maxSeconds);
        }
    }

    private static final List<History> HISTORIES = List.of(
            History.slow(20, 500, 20),
            History.slow(50, 1200, 10),
            History.slow(2, 3000, 60),
            History.frozen(10, 1, 20),
            History.frozen(10, 8, 20),
            History.frozen(50, 8, 10),
            History.frozen(2, 8, 60),
            new History("refuses for 5 s after 8 good seconds", 10, Fault.REFUSES, 8000, 5000, 0, 20),
            new History(
                    "frozen for 5 s after 8 good seconds, with another model", 10, Fault.FROZEN, 8000, 5000, 10, 20));

    private RecoveryMeasurement() {}

    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Claim> claims = new ArrayList<>();
        StringBuilder figures = new StringBuilder("""
                Recovery: share of the best backend (30 ms, the other 120 ms) in each second after it was fast again, in
                percent.

                | history | requests per second | back after | requests to it until then | share afterwards |
                |---|--:|--:|--:|---|
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
            if (history.goodMillis() == 0) {
                setting.setBehaviour(BEST, faulty(setting.normalBehaviour(BEST), history.fault()));
            }
            PoissonTraffic traffic = new PoissonTraffic(
                    setting.clients(), history.perSecond(), () -> ClientRequest.streamedChat("chat"));
            Optional<PoissonTraffic> others = history.otherPerSecond() == 0
                    ? Optional.empty()
                    : Optional.of(new PoissonTraffic(
                            setting.clients(),
                            history.otherPerSecond(),
                            () -> ClientRequest.streamedChatWith("another-model")));
            TimeUnit.MILLISECONDS.sleep(history.goodMillis());
            setting.setBehaviour(BEST, faulty(setting.normalBehaviour(BEST), history.fault()));
            TimeUnit.MILLISECONDS.sleep(history.badMillis());
            setting.restoreBehaviour(BEST);
            long recovered = System.nanoTime();
            TimeUnit.SECONDS.sleep(history.maxSeconds() + 5L);
            traffic.stop();
            if (others.isPresent()) {
                others.get().stop();
            }
            List<CallResult> after = traffic.results(recovered, Long.MAX_VALUE);
            double back = secondsUntilBack(after, recovered, history.perSecond());
            claims.add(Claim.within(
                    "recovery: 70%% back, %s, %d per second".formatted(history.name(), history.perSecond()),
                    history.maxSeconds(),
                    back,
                    " s"));
            figures.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.2f s | %d | %s |%n",
                    history.name(),
                    history.perSecond(),
                    back,
                    after.stream()
                            .filter(call -> call.backend().equals(BEST)
                                    && call.sentNanos() - recovered < back * TimeUnit.SECONDS.toNanos(1))
                            .count(),
                    TrafficShift.shares(after, recovered, BEST)));
        }
    }

    private static Behaviour faulty(Behaviour normal, Fault fault) {
        return switch (fault) {
            case SLOW -> normal.withFirstToken(seconds(SLOW_SECONDS));
            case FROZEN -> normal.withFirstToken(seconds(BAD_SECONDS));
            case REFUSES -> normal.withOutage(Outage.REFUSE);
        };
    }

    private static Delay seconds(double seconds) {
        return new Delay.Fixed(Duration.ofMillis((long) (1000 * seconds)));
    }

    /**
     * Returns the time until the best backend has its share in the requests of the following second; infinite if that
     * does not happen.
     */
    private static double secondsUntilBack(List<CallResult> calls, long fromNanos, int perSecond) {
        int window = Math.max(MIN_WINDOW, perSecond);
        for (int i = 0; i + window <= calls.size(); i++) {
            if (CallResult.share(calls.subList(i, i + window), BEST) >= MIN_SHARE) {
                return (calls.get(i).sentNanos() - fromNanos) / 1e9;
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
