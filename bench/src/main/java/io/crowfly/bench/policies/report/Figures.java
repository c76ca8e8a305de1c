package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.scenario.ScenarioEvent;
import io.crowfly.bench.policies.simulation.RunResult;
import java.util.Arrays;
import java.util.Optional;

/**
 * Figures of one policy in one scenario, computed from a run: one row of a table. A figure that does not apply is
 * {@link Double#NaN}. The warm-up is excluded.
 *
 * @param policy name of the policy
 * @param meanNanos mean time to first token; likewise the next two
 * @param p50Nanos median
 * @param p99Nanos 99th percentile
 * @param regretNanos see {@link RunResult#regretNanos}
 * @param predictionError see {@link RunResult#predictionError}
 * @param errors users who got no response in the end
 * @param clientResponses429 responses with 429 that a client received
 * @param attemptsPerRequest upstream attempts for each request that a client sent
 * @param share share of the first attempts, by backend
 * @param shareVariation coefficient of variation of a backend's share per second, for the backend where it is largest.
 *     Backends with less than a twentieth of the requests are left out, because chance alone makes their variation
 *     large.
 * @param leaveSeconds time from the beginning of the watched event until nine in ten of the backend's requests go
 *     elsewhere
 * @param returnSeconds time from the end of the watched event until nine in ten of the backend's requests are back
 * @param sentDuringEvent first attempts that were sent to the backend during the watched event
 */
public record Figures(
        String policy,
        double meanNanos,
        double p50Nanos,
        double p99Nanos,
        double regretNanos,
        double predictionError,
        long errors,
        long clientResponses429,
        double attemptsPerRequest,
        double[] share,
        double shareVariation,
        double leaveSeconds,
        double returnSeconds,
        long sentDuringEvent) {

    private static final double NEVER = Double.POSITIVE_INFINITY;

    private static final double MIN_SHARE = 0.05;

    /** Window over which a share is taken to find when traffic moved: one second. */
    private static final long WINDOW_NANOS = 1_000_000_000L;

    /** Window over which the share before an event is taken. */
    private static final long BEFORE_NANOS = 30_000_000_000L;

    /**
     * Minimum share before the event. Below it, a change of the share can't be distinguished from chance, so the times
     * are not computed.
     */
    private static final double MIN_WATCHED_SHARE = 0.3;

    public static Figures of(RunResult run) {
        double[] share = share(run);
        Optional<ScenarioEvent> watched = run.scenario().watched();
        double before = watched.map(
                        event -> shareWithin(run, event.backend(), event.fromNanos() - BEFORE_NANOS, event.fromNanos()))
                .orElse(0.0);
        boolean watchable = before >= MIN_WATCHED_SHARE;
        return new Figures(
                run.policy(),
                mean(run.ttftNanos()),
                quantile(run.ttftNanos(), 0.5),
                quantile(run.ttftNanos(), 0.99),
                run.regretNanos(),
                run.predictionError(),
                run.errors(),
                run.clientResponses429(),
                (double) run.attempts() / run.requests(),
                share,
                shareVariation(run, share),
                watchable ? leaveSeconds(run, watched.orElseThrow(), before) : Double.NaN,
                watchable ? returnSeconds(run, watched.orElseThrow(), before) : Double.NaN,
                watched.map(event -> countSentDuring(run, event)).orElse(0L));
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

    private static long countSentDuring(RunResult run, ScenarioEvent event) {
        long sent = 0;
        for (int i = 0; i < run.choiceNanos().length; i++) {
            if (run.choiceBackend()[i] == event.backend() && event.isActive(run.choiceNanos()[i])) {
                sent++;
            }
        }
        return sent;
    }

    private static double leaveSeconds(RunResult run, ScenarioEvent event, double before) {
        return firstWindow(run, event.backend(), event.fromNanos(), event.toNanos(), 0, 0.1 * before);
    }

    private static double returnSeconds(RunResult run, ScenarioEvent event, double before) {
        long end = run.scenario().durationNanos();
        return firstWindow(run, event.backend(), event.toNanos(), end, 0.9 * before, 1);
    }

    /**
     * Returns the seconds from {@code from} to the first window in which the share is within the bounds; infinite if
     * there is none.
     */
    private static double firstWindow(RunResult run, int backend, long from, long to, double atLeast, double atMost) {
        long step = WINDOW_NANOS / 20;
        for (long t = from; t + WINDOW_NANOS <= to; t += step) {
            double share = shareWithin(run, backend, t, t + WINDOW_NANOS);
            if (share >= atLeast && share <= atMost) {
                return (t - from) / 1e9;
            }
        }
        return NEVER;
    }

    private static double shareWithin(RunResult run, int backend, long from, long to) {
        int first = Arrays.binarySearch(run.choiceNanos(), from);
        int count = 0;
        int atBackend = 0;
        for (int i = first < 0 ? -first - 1 : first; i < run.choiceNanos().length && run.choiceNanos()[i] < to; i++) {
            count++;
            if (run.choiceBackend()[i] == backend) {
                atBackend++;
            }
        }
        return count == 0 ? Double.NaN : (double) atBackend / count;
    }
}
