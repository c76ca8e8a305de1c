package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Part of {@code bench choose} with {@code tier-tolerance: unlimited}: tier 1 keeps every request although it is slower
 * than tier 2, until it responds 429 or is unreachable.
 */
final class UnlimitedTierToleranceMeasurement {

    private static final String PAID = "paid";
    private static final String OVERFLOW = "overflow";
    private static final List<SimulatedBackend> PLACES = List.of(
            SimulatedBackend.create(PAID, Cloud.OPENAI, 300),
            SimulatedBackend.create(OVERFLOW, Cloud.GOOGLE, 100).withTier(2));

    /** Number of additional requests that are sent at once. Tier 1 accepts all of them, so none may go to tier 2. */
    private static final int BURST = 25;

    private static final long SEED = 1;

    private final ChooseTestBed setting;
    private final PrintWriter progress;

    private UnlimitedTierToleranceMeasurement(ChooseTestBed setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, int seconds, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: unlimited}\n";
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, PLACES, more)) {
            return new UnlimitedTierToleranceMeasurement(setting, progress).run(seconds);
        }
    }

    private PartResult run(int seconds) throws IOException, InterruptedException {
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
        TrafficShift.awaitMost(traffic, PAID);
        long startNanos = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        traffic.burst(BURST);
        TimeUnit.SECONDS.sleep(seconds);
        long throttledNanos = System.nanoTime();
        setting.setBehaviour(PAID, setting.normalBehaviour(PAID).withFaults(new Faults.Share(1, 429, SEED)));
        TimeUnit.SECONDS.sleep(seconds);
        setting.restoreBehaviour(PAID);
        double backAfterFull = TrafficShift.awaitMost(traffic, PAID);
        setting.setBehaviour(PAID, setting.normalBehaviour(PAID).withOutage(Outage.REFUSE));
        TimeUnit.SECONDS.sleep(seconds);
        setting.restoreBehaviour(PAID);
        double backAfterOutage = TrafficShift.awaitMost(traffic, PAID);
        long unanswered = traffic.stop();
        progress.println("tiers: unlimited tolerance, done");
        setting.printFailures(progress);
        long outsideTier = setting.attempts(startNanos, throttledNanos).stream()
                .filter(seen -> seen.backend().equals(OVERFLOW))
                .count();
        List<CallResult> all = traffic.results();
        long failed = all.stream().filter(CallResult::failed).count() + unanswered;
        int requests = traffic.results(startNanos, throttledNanos).size();
        return new PartResult(
                List.of(
                        Claim.zero(
                                "unlimited: attempts outside tier 1 while it accepts requests, of %,d"
                                        .formatted(requests),
                                outsideTier),
                        Claim.zero("unlimited: failed requests, of %,d".formatted(all.size()), failed)),
                String.format(
                        Locale.ROOT,
                        "With an unlimited tolerance, tier 1 had most requests again %.1f s after its last 429 and"
                                + " %.1f s after it was reachable again.%n",
                        backAfterFull,
                        backAfterOutage));
    }
}
