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
 * Part of {@code bench choose} with backends that send the head of a stream at once, so that only the first token shows
 * how slow they are: one whose first token does not come in time, and two of which some responses are late, with and
 * without hedges.
 */
final class LateTokenMeasurement {

    private static final String NEAR = "near";
    private static final String FAR = "far";
    private static final long NEAR_MILLIS = 200;
    private static final long FAR_MILLIS = 300;

    /** 99.9th percentile of a standard normal distribution, and the sigma of the simulated backends. */
    private static final double P999_SIGMAS = 3.09;

    private static final double SIGMA = 0.35;

    /** The balancer tries another backend after this multiple of the 99.9th percentile, and after a second. */
    private static final double LIMIT_FACTOR = 3;

    /** A forecast of so rare a latency is rough, and the load of the moment is a part of it. */
    private static final double FORECAST_TOLERANCE = 1.5;

    private static final double LATE_SHARE = 0.02;
    private static final double LATE_FACTOR = 8;

    private static final int WARM_UP_SECONDS = 15;
    private static final int SILENCE_SECONDS = 5;

    /** Time to the first token of the silent backend: so long that only another backend can respond in time. */
    private static final long SILENCE_MILLIS = 15_000;

    private static final long SEED = 7;

    private static final String CONF = "probes: {http: {path: /health}}\n";
    private static final String HEDGES = "routing: {hedge: {budget: 10%}}\n";

    private LateTokenMeasurement() {}

    /** @param hedgeSeconds length of the run with hedges, and of the one without */
    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, int hedgeSeconds, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Claim> claims = new ArrayList<>();
        StringBuilder figures = new StringBuilder();
        silence(starter, folder.resolve("silence"), claims, figures);
        progress.println("late: silence, done");
        progress.flush();
        double without = late(starter, folder.resolve("without-hedges"), CONF, hedgeSeconds, claims, figures);
        double with = late(starter, folder.resolve("with-hedges"), CONF + HEDGES, hedgeSeconds, claims, figures);
        progress.println("late: hedges, done");
        progress.flush();
        claims.add(Claim.within("late: p99 to the first token with hedges, of that without", 0.5, with / without, ""));
        return new PartResult(claims, figures.toString());
    }

    /** The first token of the best backend takes much longer than three times its 99.9th percentile. */
    private static void silence(
            ChooseTestBed.BalancerStarter starter, Path folder, List<Claim> claims, StringBuilder figures)
            throws IOException, InterruptedException {
        double p999Seconds = NEAR_MILLIS * Math.exp(P999_SIGMAS * SIGMA) / 1000;
        double allowedSeconds = Math.max(1, LIMIT_FACTOR * p999Seconds);
        double farP999Seconds = FAR_MILLIS * Math.exp(P999_SIGMAS * SIGMA) / 1000;
        List<SimulatedBackend> backends = List.of(headAtOnce(NEAR, NEAR_MILLIS, 0), headAtOnce(FAR, FAR_MILLIS, 0));
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, backends, CONF)) {
            PoissonTraffic traffic = new PoissonTraffic(
                    setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            Behaviour usual = setting.normalBehaviour(NEAR);
            setting.setBehaviour(NEAR, usual.withFirstToken(Delay.ofMillis(SILENCE_MILLIS)));
            long from = System.nanoTime();
            TimeUnit.SECONDS.sleep(SILENCE_SECONDS);
            long to = System.nanoTime();
            setting.restoreBehaviour(NEAR);
            long withoutResponse = traffic.stop();
            List<CallResult> during = traffic.results(from, to);
            List<Double> waits = during.stream()
                    .filter(call -> call.headNanos() / 1e9 > 1)
                    .map(call -> call.headNanos() / 1e9)
                    .sorted()
                    .toList();
            long failed = during.stream().filter(call -> !call.succeeded()).count() + withoutResponse;
            double longest = quantile(waits, 1);
            claims.add(Claim.zero("late: failed requests of " + during.size() + " while the best is silent", failed));
            claims.add(Claim.within(
                    "late: longest wait for the first token, while the best backend is silent behind its head",
                    FORECAST_TOLERANCE * allowedSeconds + farP999Seconds,
                    longest,
                    " s"));
            figures.append(String.format(
                    Locale.ROOT, """
                    Late tokens: the best backend sends its head at once, and its first token after 15 s. Crowfly allows three times
                    the 99.9th percentile of its forecast; the true percentile is %.2f s. %d of %d requests waited for more than a
                    second; these had their first token after %.2f s (median) to %.2f s (longest).

                    """, p999Seconds, waits.size(), during.size(), quantile(waits, 0.5), longest));
        }
    }

    /** Returns the 99th percentile of the time to the first token, in seconds. */
    private static double late(
            ChooseTestBed.BalancerStarter starter,
            Path folder,
            String conf,
            int seconds,
            List<Claim> claims,
            StringBuilder figures)
            throws IOException, InterruptedException {
        List<SimulatedBackend> backends =
                List.of(headAtOnce(NEAR, NEAR_MILLIS, LATE_SHARE), headAtOnce(FAR, NEAR_MILLIS, LATE_SHARE));
        String hedges = conf.contains("hedge") ? "with" : "without";
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, backends, conf)) {
            PoissonTraffic traffic = new PoissonTraffic(
                    setting.clients(), TrafficShift.PER_SECOND, () -> ClientRequest.streamedChat("chat"));
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            long from = System.nanoTime();
            TimeUnit.SECONDS.sleep(seconds);
            long to = System.nanoTime();
            long withoutResponse = traffic.stop();
            List<CallResult> calls = traffic.results(from, to);
            List<Double> waits =
                    calls.stream().map(call -> call.headNanos() / 1e9).sorted().toList();
            long failed = calls.stream().filter(call -> !call.succeeded()).count() + withoutResponse;
            long attempts = setting.attempts(from, to).size();
            claims.add(Claim.zero("late: failed requests of " + calls.size() + " " + hedges + " hedges", failed));
            figures.append(String.format(
                    Locale.ROOT,
                    "Two in a hundred responses eight times late, %s hedges: to the first token %.0f ms (p50), %.0f ms (p95),"
                            + " %.0f ms (p99), %.0f ms (longest); %.3f attempts per request.%n%n",
                    hedges,
                    1000 * quantile(waits, 0.5),
                    1000 * quantile(waits, 0.95),
                    1000 * quantile(waits, 0.99),
                    1000 * quantile(waits, 1),
                    (double) attempts / calls.size()));
            return quantile(waits, 0.99);
        }
    }

    private static SimulatedBackend headAtOnce(String name, long firstTokenMillis, double lateShare) {
        SimulatedBackend usual = SimulatedBackend.create(name, Cloud.OPENAI, firstTokenMillis);
        Behaviour behaviour = usual.normalBehaviour().withHeadAtOnce(true);
        Delay delay = new Delay.WithTail(behaviour.firstToken(), lateShare, LATE_FACTOR, SEED + name.hashCode());
        return new SimulatedBackend(
                usual.name(),
                usual.cloud(),
                usual.tier(),
                usual.labels(),
                usual.models(),
                lateShare > 0 ? behaviour.withFirstToken(delay) : behaviour,
                usual.loadFactor());
    }

    /** @param sorted in ascending order */
    private static double quantile(List<Double> sorted, double share) {
        return sorted.isEmpty() ? Double.NaN : sorted.get(Math.min(sorted.size() - 1, (int) (share * sorted.size())));
    }
}
