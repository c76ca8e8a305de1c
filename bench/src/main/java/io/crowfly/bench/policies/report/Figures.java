package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.simulation.RunResult;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Figures of one policy in one scenario, computed from a run: one row of a table. A figure that does not apply is
 * {@link Double#NaN}. The warm-up is excluded.
 *
 * @param policy name of the policy
 * @param requests requests that the edges received
 * @param meanNanos mean time to first token; likewise the next two
 * @param p50Nanos median
 * @param p99Nanos 99th percentile
 * @param p99NanosByModel 99th percentile of the requests of each model
 * @param completionNanos see {@link RunResult#completionNanos}
 * @param regretNanos see {@link RunResult#regretNanos}
 * @param predictionError see {@link RunResult#predictionError}
 * @param errors users who got no response in the end
 * @param clientResponses429 responses with 429 that a client received
 * @param attemptsPerRequest upstream attempts for each request that a client sent
 * @param hedgesPerRequest attempts beside a slow one, for each request that a client sent
 * @param lostTokenShare see {@link RunResult#lostTokenShare}
 * @param share share of the first attempts, by backend
 * @param lowestTierShare share of the first attempts at backends with the lowest tier number
 * @param shareVariation coefficient of variation of a backend's share per second, for the backend where it is largest.
 *     Backends with less than a twentieth of the requests are left out, because chance alone makes their variation
 *     large.
 * @param explorations first attempts that the policy made only to learn a backend's latency
 * @param moves traffic at the backend of the watched event
 */
public record Figures(
        String policy,
        long requests,
        double meanNanos,
        double p50Nanos,
        double p99Nanos,
        double[] p99NanosByModel,
        double completionNanos,
        double regretNanos,
        double predictionError,
        long errors,
        long clientResponses429,
        double attemptsPerRequest,
        double hedgesPerRequest,
        double lostTokenShare,
        double[] share,
        double lowestTierShare,
        double shareVariation,
        long explorations,
        TrafficMoves moves) {

    private static final double MIN_SHARE = 0.05;

    public static Figures of(RunResult run) {
        double[] share = share(run);
        return new Figures(
                run.policy(),
                run.requests(),
                mean(run.ttftNanos()),
                quantile(run.ttftNanos(), 0.5),
                quantile(run.ttftNanos(), 0.99),
                Arrays.stream(run.ttftNanosByModel())
                        .mapToDouble(ttft -> quantile(ttft, 0.99))
                        .toArray(),
                run.completionNanos(),
                run.regretNanos(),
                run.predictionError(),
                run.errors(),
                run.clientResponses429(),
                (double) run.attempts() / run.requests(),
                (double) run.hedges() / run.requests(),
                run.lostTokenShare(),
                share,
                lowestTierShare(run, share),
                shareVariation(run, share),
                run.explorations(),
                TrafficMoves.of(run));
    }

    private static double mean(double[] sorted) {
        double sum = 0;
        for (double value : sorted) {
            sum += value;
        }
        return sorted.length == 0 ? Double.NaN : sum / sorted.length;
    }

    /** Returns a quantile of sorted values (by nearest rank). */
    private static double quantile(double[] sorted, double q) {
        return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, (int) StrictMath.ceil(q * sorted.length) - 1)];
    }

    private static double[] share(RunResult run) {
        double[] share = new double[run.scenario().backends().size()];
        int counted = 0;
        for (int i = 0; i < run.choiceNanos().length; i++) {
            if (run.choiceNanos()[i] >= run.scenario().warmUpNanos()) {
                share[run.choiceBackend()[i]]++;
                counted++;
            }
        }
        for (int b = 0; b < share.length; b++) {
            share[b] /= Math.max(1, counted);
        }
        return share;
    }

    private static double lowestTierShare(RunResult run, double[] share) {
        List<Scenario.Backend> backends = run.scenario().backends();
        int lowest = backends.stream().mapToInt(Scenario.Backend::tier).min().orElse(1);
        return IntStream.range(0, share.length)
                .filter(backend -> backends.get(backend).tier() == lowest)
                .mapToDouble(backend -> share[backend])
                .sum();
    }

    private static double shareVariation(RunResult run, double[] share) {
        int first = (int) (run.scenario().warmUpNanos() / 1_000_000_000L);
        int last = (int) (run.scenario().durationNanos() / 1_000_000_000L);
        double[][] perSecond = new double[last][share.length];
        double[] all = new double[last];
        for (int i = 0; i < run.choiceNanos().length; i++) {
            int second = (int) (run.choiceNanos()[i] / 1_000_000_000L);
            if (second < last) {
                perSecond[second][run.choiceBackend()[i]]++;
                all[second]++;
            }
        }
        double largest = 0;
        for (int b = 0; b < share.length; b++) {
            if (share[b] >= MIN_SHARE) {
                double sum = 0;
                double squares = 0;
                int seconds = 0;
                for (int s = first; s < last; s++) {
                    if (all[s] > 0) {
                        double shareOfSecond = perSecond[s][b] / all[s];
                        sum += shareOfSecond;
                        squares += shareOfSecond * shareOfSecond;
                        seconds++;
                    }
                }
                double mean = sum / seconds;
                double variance = Math.max(0, squares / seconds - mean * mean);
                largest = Math.max(largest, StrictMath.sqrt(variance) / mean);
            }
        }
        return largest;
    }
}
