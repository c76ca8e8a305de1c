package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Part of {@code bench choose} with {@code tier-tolerance: 200ms}: tier 1 keeps the requests while it is 50 ms slower
 * than tier 2, and loses them when it becomes another 300 ms slower.
 */
final class LimitedTierToleranceMeasurement {

    private static final String PAID = "paid";
    private static final long HEAD_START_MILLIS = 50;

    private static final long SLOWDOWN_MILLIS = 300;
    private static final double MAX_LEAVE_SECONDS = 1;
    private static final int NORMAL_SECONDS = 4;
    private static final int SLOWDOWN_SECONDS = 5;
    private static final int RECOVERY_SECONDS = 7;

    private final long normalMillis;
    private final ChooseTestBed setting;
    private final PrintWriter progress;
    private final List<Slowdown> slowdowns = new ArrayList<>();

    /** Slowdown of tier 1 between two moments. Its traffic is observed until {@code observedUntilNanos}. */
    private record Slowdown(long fromNanos, long toNanos, long observedUntilNanos) {}

    private LimitedTierToleranceMeasurement(long normalMillis, ChooseTestBed setting, PrintWriter progress) {
        this.normalMillis = normalMillis;
        this.setting = setting;
        this.progress = progress;
    }

    /** @param normalMillis normal time to the first token at tier 1; tier 2 is 50 ms faster */
    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, long normalMillis, int rounds, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: 200ms}\n";
        List<SimulatedBackend> places = List.of(
                SimulatedBackend.create(PAID, Cloud.AZURE, normalMillis),
                SimulatedBackend.create("overflow", Cloud.GOOGLE, normalMillis - HEAD_START_MILLIS)
                        .withTier(2));
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, places, more)) {
            return new LimitedTierToleranceMeasurement(normalMillis, setting, progress).run(rounds);
        }
    }

    private PartResult run(int rounds) throws IOException, InterruptedException {
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
        TrafficShift.awaitMost(traffic, PAID);
        for (int i = 0; i < rounds; i++) {
            TimeUnit.SECONDS.sleep(NORMAL_SECONDS);
            long from = System.nanoTime();
            setting.setBehaviour(PAID, slow());
            TimeUnit.SECONDS.sleep(SLOWDOWN_SECONDS);
            long to = System.nanoTime();
            setting.restoreBehaviour(PAID);
            TimeUnit.SECONDS.sleep(RECOVERY_SECONDS);
            slowdowns.add(new Slowdown(from, to, System.nanoTime()));
        }
        long withoutResponse = traffic.stop();
        progress.println("tiers: tolerance, done");
        setting.printFailures(progress);
        return result(traffic, withoutResponse);
    }

    private PartResult result(PoissonTraffic traffic, long withoutResponse) {
        long failed = traffic.results().stream().filter(CallResult::failed).count() + withoutResponse;
        double slowest = 0;
        StringBuilder table = new StringBuilder("""
                Tier 1 at %d ms with a tolerance of 200 ms: its share in each second, in percent.

                | moved away after | share meanwhile | back after | share afterwards |
                |--:|---|--:|---|
                """.formatted(normalMillis));
        for (Slowdown slowdown : slowdowns) {
            List<CallResult> during = traffic.results(slowdown.fromNanos(), slowdown.toNanos());
            List<CallResult> after = traffic.results(slowdown.toNanos(), slowdown.observedUntilNanos());
            double leaveSeconds = TrafficShift.secondsUntil(
                    during, slowdown.fromNanos(), PAID, share -> share <= 1 - TrafficShift.SHIFTED_SHARE);
            double returnSeconds = TrafficShift.secondsUntil(
                    after, slowdown.toNanos(), PAID, share -> share >= TrafficShift.SHIFTED_SHARE);
            slowest = Math.max(slowest, leaveSeconds);
            table.append(String.format(
                    Locale.ROOT,
                    "| %.2f s | %s | %.2f s | %s |%n",
                    leaveSeconds,
                    TrafficShift.shares(during, slowdown.fromNanos(), PAID),
                    returnSeconds,
                    TrafficShift.shares(after, slowdown.toNanos(), PAID)));
        }
        return new PartResult(
                List.of(
                        Claim.within(
                                "200 ms: nine in ten move away from tier 1 of %d ms when it is 300 ms slower"
                                        .formatted(normalMillis),
                                MAX_LEAVE_SECONDS,
                                slowest,
                                " s"),
                        Claim.zero(
                                "200 ms: failed requests of %,d at %d ms".formatted(traffic.sent(), normalMillis),
                                failed)),
                table.toString());
    }

    /**
     * Returns the behaviour of tier 1 during a slowdown: the median is {@link #SLOWDOWN_MILLIS} longer, with the same
     * relative spread.
     */
    private Behaviour slow() {
        Behaviour usual = setting.normalBehaviour(PAID);
        Delay.LogNormal time = (Delay.LogNormal) usual.firstToken();
        return usual.withFirstToken(
                time.times(1 + (double) SLOWDOWN_MILLIS / time.median().toMillis()));
    }
}
