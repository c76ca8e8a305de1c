package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Part of {@code bench choose}: all backends of the nearer cloud respond 429 for some seconds. The other cloud has
 * enough capacity, so clients must not receive a 429.
 */
final class RateLimitStormMeasurement {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final double MAX_ATTEMPTS_PER_REQUEST = 1.2;
    private static final long SEED = 1;

    private final Cloud near;
    private final List<String> throttledBackends;
    private final ChooseTestBed setting;

    private RateLimitStormMeasurement(Cloud near, List<String> throttledBackends, ChooseTestBed setting) {
        this.near = near;
        this.throttledBackends = throttledBackends;
        this.setting = setting;
    }

    /** @param near the nearer cloud, whose backends respond 429 */
    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, Cloud near, int seconds, PrintWriter progress)
            throws IOException, InterruptedException {
        Cloud far = near == Cloud.GOOGLE ? Cloud.AZURE : Cloud.GOOGLE;
        List<SimulatedBackend> places = List.of(
                SimulatedBackend.create("near-1", near, 150),
                SimulatedBackend.create("near-2", near, 160),
                SimulatedBackend.create("far-1", far, 250),
                SimulatedBackend.create("far-2", far, 270));
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, places, "probes: {http: {path: /health}}\n")) {
            PartResult shown = new RateLimitStormMeasurement(near, List.of("near-1", "near-2"), setting).run(seconds);
            progress.printf("storm: %s, over%n", near);
            setting.printFailures(progress);
            return shown;
        }
    }

    private PartResult run(int seconds) throws InterruptedException {
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
        // Two seconds of traffic show that the test bed works. Which backends respond does not matter yet.
        while (traffic.results().size() < 2 * TrafficShift.PER_SECOND) {
            Thread.sleep(50);
        }
        for (String place : throttledBackends) {
            setting.setBehaviour(
                    place, setting.normalBehaviour(place).withFaults(new Faults.Share(1, TOO_MANY_REQUESTS, SEED)));
        }
        long from = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        long to = System.nanoTime();
        long withoutResponse = traffic.stop();
        return result(
                traffic.results(),
                traffic.results(from, to),
                setting.attempts(from, to).size(),
                withoutResponse);
    }

    private PartResult result(
            List<CallResult> allResults, List<CallResult> calls, long attempts, long withoutResponse) {
        String prefix = "storm at %s: ".formatted(near.dialect.name());
        long responses429 = allResults.stream()
                .filter(call -> call.status() == TOO_MANY_REQUESTS)
                .count();
        long failed = allResults.stream().filter(CallResult::failed).count() + withoutResponse;
        double perRequest = (double) attempts / Math.max(1, calls.size());
        List<Claim> claims = List.of(
                Claim.zero(prefix + "429s that clients received", responses429),
                Claim.zero(prefix + "failed requests of %,d".formatted(allResults.size() + withoutResponse), failed),
                Claim.within(prefix + "attempts per request", MAX_ATTEMPTS_PER_REQUEST, perRequest, ""));
        return new PartResult(
                claims,
                String.format(
                        Locale.ROOT,
                        "Storm at %s: %,d requests during the storm took %,d attempts.%n",
                        near.dialect.name(),
                        calls.size(),
                        attempts));
    }
}
