package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** Fault of tier 1, during which tier 2 must serve the requests. */
    enum Fault {
        THROTTLED("after its last 429") {
            @Override
            Behaviour appliedTo(Behaviour normal) {
                return normal.withFaults(new Faults.Share(1, 429, SEED));
            }
        },
        UNREACHABLE("after it was reachable again") {
            @Override
            Behaviour appliedTo(Behaviour normal) {
                return normal.withOutage(Outage.REFUSE);
            }
        };

        private final String end;

        Fault(String end) {
            this.end = end;
        }

        abstract Behaviour appliedTo(Behaviour normal);
    }

    private final ChooseTestBed setting;
    private final PrintWriter progress;

    private UnlimitedTierToleranceMeasurement(ChooseTestBed setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    /** @param seconds duration of each fault, and of the time before the faults and after a burst */
    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, int seconds, List<Fault> faults, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: unlimited}\n";
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, PLACES, more)) {
            return new UnlimitedTierToleranceMeasurement(setting, progress).run(seconds, faults);
        }
    }

    private PartResult run(int seconds, List<Fault> faults) throws IOException, InterruptedException {
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
        TrafficShift.awaitMost(traffic, PAID);
        long startNanos = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        traffic.burst(BURST);
        TimeUnit.SECONDS.sleep(seconds);
        long faultNanos = System.nanoTime();
        List<String> returns = new ArrayList<>();
        for (Fault fault : faults) {
            setting.setBehaviour(PAID, fault.appliedTo(setting.normalBehaviour(PAID)));
            TimeUnit.SECONDS.sleep(seconds);
            setting.restoreBehaviour(PAID);
            double backAfter = TrafficShift.awaitMost(traffic, PAID);
            returns.add(String.format(Locale.ROOT, "%.1f s %s", backAfter, fault.end));
        }
        long unanswered = traffic.stop();
        progress.println("tiers: unlimited tolerance, done");
        setting.printFailures(progress);
        long outsideTier = setting.attempts(startNanos, faultNanos).stream()
                .filter(seen -> seen.backend().equals(OVERFLOW))
                .count();
        List<CallResult> all = traffic.results();
        long failed = all.stream().filter(CallResult::failed).count() + unanswered;
        int requests = traffic.results(startNanos, faultNanos).size();
        return new PartResult(
                List.of(
                        Claim.zero(
                                "unlimited: attempts outside tier 1 while it accepts requests, of %,d"
                                        .formatted(requests),
                                outsideTier),
                        Claim.zero("unlimited: failed requests, of %,d".formatted(all.size()), failed)),
                String.format(
                        "With an unlimited tolerance, tier 1 had most requests again %s.%n",
                        String.join(" and ", returns)));
    }
}
