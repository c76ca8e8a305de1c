package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
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
 * Part of {@code bench choose}: measures how traffic moves when the best of three backends becomes three times as slow
 * and recovers, and when it is unreachable and returns.
 */
final class SlowdownAndOutageMeasurement {

    private static final String BEST = "azure-near";

    private static final double SLOWER = 3;

    private static final double MAX_LEAVE_SECONDS = 1;
    private static final double MAX_RETURN_SECONDS = 10;

    /**
     * Required share of the best backend in each second after its traffic has returned. A lower share means that
     * traffic moved away again.
     */
    private static final double MIN_SHARE_AFTER_RETURN = 0.75;

    /** Maximum duration of a response in this measurement, in nanoseconds. */
    private static final long MAX_RESPONSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int WARM_UP_SECONDS = 6;
    private static final int DISTURBANCE_SECONDS = 5;

    /**
     * Seconds of observation after each disturbance: long enough to see the traffic return, and to see it move away
     * again.
     */
    private static final int RECOVERY_SECONDS = 13;

    /** Time after that, in which the observed requests end, because the next disturbance would interrupt them. */
    private static final int PAUSE_SECONDS = 2;

    private final ChooseTestBed setting;
    private final long bestMillis;
    private final PrintWriter progress;
    private final List<Measurement> measurements = new ArrayList<>();

    /**
     * Measurement of one disturbance of the best backend.
     *
     * @param disturbance what happened to the best backend
     * @param fromNanos start of the disturbance
     * @param shareBefore share of the best backend before the disturbance
     * @param leaveSeconds time until the other backends had nearly all requests
     * @param returnSeconds time until the best backend had its former share again
     * @param minShareAfter smallest share of the best backend in any second after that
     * @param failedAttempts requests sent during the disturbance that failed at the best backend; for outages only
     * @param sharesDuring share of the best backend in each second of the disturbance, in percent
     * @param sharesAfter share of the best backend in each second after the disturbance, in percent
     */
    private record Measurement(
            String disturbance,
            long fromNanos,
            double shareBefore,
            double leaveSeconds,
            double returnSeconds,
            double minShareAfter,
            long failedAttempts,
            String sharesDuring,
            String sharesAfter) {}

    private record Disturbance(
            String kind, Behaviour behaviour, long fromNanos, long fromMillis, long toNanos, long toMillis) {}

    private SlowdownAndOutageMeasurement(ChooseTestBed setting, long bestMillis, PrintWriter progress) {
        this.setting = setting;
        this.bestMillis = bestMillis;
        this.progress = progress;
    }

    /**
     * @param bestMillis median time to the first token at the best backend; the others are two thirds slower or more
     */
    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, long bestMillis, int rounds, PrintWriter progress)
            throws IOException, InterruptedException {
        List<SimulatedBackend> backends = List.of(
                SimulatedBackend.create(BEST, Cloud.AZURE, bestMillis),
                SimulatedBackend.create("google-near", Cloud.GOOGLE, bestMillis * 5 / 3),
                SimulatedBackend.create("azure-far", Cloud.AZURE, bestMillis * 32 / 15));
        try (ChooseTestBed setting =
                ChooseTestBed.open(starter, folder, backends, "probes: {http: {path: /health}}\n")) {
            return new SlowdownAndOutageMeasurement(setting, bestMillis, progress).run(rounds);
        }
    }

    private PartResult run(int rounds) throws IOException, InterruptedException {
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        List<Disturbance> disturbances = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            Behaviour normal = setting.normalBehaviour(BEST);
            disturbances.add(
                    disturb("slow", normal.withFirstToken(normal.firstToken().times(SLOWER))));
            disturbances.add(disturb("refuses", normal.withOutage(Outage.REFUSE)));
        }
        long withoutResponse = traffic.stop();
        setting.printFailures(progress);
        BalancerAccessLog log = setting.accessLog();
        for (Disturbance disturbance : disturbances) {
            measurements.add(measurement(disturbance, traffic, log));
        }
        return new PartResult(claims(traffic.results(), withoutResponse), figures());
    }

    private Disturbance disturb(String kind, Behaviour behaviour) throws InterruptedException {
        setting.setBehaviour(BEST, behaviour);
        long from = System.nanoTime();
        long fromMillis = System.currentTimeMillis();
        TimeUnit.SECONDS.sleep(DISTURBANCE_SECONDS);
        long to = System.nanoTime();
        long toMillis = System.currentTimeMillis();
        setting.restoreBehaviour(BEST);
        TimeUnit.SECONDS.sleep(RECOVERY_SECONDS + PAUSE_SECONDS);
        progress.println(claim(kind + ", and back"));
        progress.flush();
        return new Disturbance(kind, behaviour, from, fromMillis, to, toMillis);
    }

    private static Measurement measurement(Disturbance disturbance, PoissonTraffic traffic, BalancerAccessLog log) {
        long start = disturbance.fromNanos();
        long end = disturbance.toNanos();
        double shareBefore = CallResult.share(traffic.results(start - TimeUnit.SECONDS.toNanos(4), start), BEST);
        List<CallResult> during = traffic.results(start, end);
        List<CallResult> after = traffic.results(end, end + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS));
        double sufficientShare = Math.min(shareBefore, 1) * TrafficShift.SHIFTED_SHARE;
        return new Measurement(
                disturbance.kind(),
                start,
                shareBefore,
                TrafficShift.secondsUntil(during, start, BEST, share -> share <= 1 - TrafficShift.SHIFTED_SHARE),
                TrafficShift.secondsUntil(after, end, BEST, share -> share >= sufficientShare),
                TrafficShift.minShareAfter(after, BEST, share -> share >= sufficientShare),
                log.countTried(BEST, disturbance.fromMillis(), disturbance.toMillis()),
                TrafficShift.shares(during, start, BEST),
                TrafficShift.shares(after, end, BEST));
    }

    private String claim(String statement) {
        return "moving, %d ms: %s".formatted(bestMillis, statement);
    }

    private List<Claim> claims(List<CallResult> calls, long withoutResponse) {
        int loops = Runtime.getRuntime().availableProcessors();
        long errors = calls.stream().filter(CallResult::failed).count() + withoutResponse;
        long refused = measurements.stream()
                .filter(SlowdownAndOutageMeasurement::isFailure)
                .mapToLong(Measurement::failedAttempts)
                .max()
                .orElse(0);
        return List.of(
                Claim.within(
                        claim("after a threefold slowdown nine in ten go elsewhere"),
                        MAX_LEAVE_SECONDS,
                        slowestLeave(false),
                        " s"),
                Claim.within(
                        claim("after a failure nine in ten go elsewhere"), MAX_LEAVE_SECONDS, slowestLeave(true), " s"),
                Claim.atMost(
                        claim("requests sent to the failed backend, by %d loops".formatted(loops)), loops, refused, ""),
                Claim.within(claim("back after the slowdown"), MAX_RETURN_SECONDS, slowestReturn(false), " s"),
                Claim.within(claim("back after the failure"), MAX_RETURN_SECONDS, slowestReturn(true), " s"),
                Claim.atLeast(
                        claim("share in the worst second after that"),
                        MIN_SHARE_AFTER_RETURN,
                        measurements.stream()
                                .mapToDouble(Measurement::minShareAfter)
                                .min()
                                .orElse(0)),
                Claim.zero(claim("failed requests of %,d".formatted(calls.size() + withoutResponse)), errors),
                Claim.zero(
                        claim("truncated responses that began after the failure"), countTruncatedAfterFailure(calls)));
    }

    /**
     * Returns the number of truncated responses that were not in progress at the start of an outage. This number must
     * be 0.
     */
    private long countTruncatedAfterFailure(List<CallResult> calls) {
        return calls.stream()
                .filter(CallResult::truncated)
                .filter(call -> measurements.stream()
                        .noneMatch(measurement -> isFailure(measurement)
                                && call.sentNanos() - measurement.fromNanos() < 0
                                && measurement.fromNanos() - call.sentNanos() < MAX_RESPONSE_NANOS))
                .count();
    }

    private static boolean isFailure(Measurement measurement) {
        return measurement.disturbance().equals("refuses");
    }

    private double slowestLeave(boolean failure) {
        return measurements.stream()
                .filter(measurement -> isFailure(measurement) == failure)
                .mapToDouble(Measurement::leaveSeconds)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private double slowestReturn(boolean failure) {
        return measurements.stream()
                .filter(measurement -> isFailure(measurement) == failure)
                .mapToDouble(Measurement::returnSeconds)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private String figures() {
        StringBuilder table = new StringBuilder(
                "Moving away from a best backend of %d ms, and back: its share in each second, in percent.\n"
                        .formatted(bestMillis));
        table.append("""

                | disturbance | share before | moved away after | share meanwhile | back after | share afterwards | failed attempts |
                |---|--:|--:|---|--:|---|--:|
                """);
        for (Measurement each : measurements) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f%% | %.2f s | %s | %.2f s | %s | %s |%n",
                    each.disturbance(),
                    each.shareBefore() * 100,
                    each.leaveSeconds(),
                    each.sharesDuring(),
                    each.returnSeconds(),
                    each.sharesAfter(),
                    isFailure(each) ? each.failedAttempts() : ""));
        }
        return table.toString();
    }
}
