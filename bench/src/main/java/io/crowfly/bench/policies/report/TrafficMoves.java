package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.scenario.ScenarioEvent;
import io.crowfly.bench.policies.simulation.RunResult;
import java.util.Arrays;
import java.util.Optional;

/**
 * Times at which traffic moved away from the backend of the watched event and came back. {@link Double#NaN}: does not
 * apply; infinite: never.
 *
 * @param leaveSeconds time from the beginning of the event until nine in ten of the backend's requests go elsewhere
 * @param returnSeconds time from the end of the event until nine in ten of the backend's requests are back
 * @param mostSeconds time from the end of the event until the backend has 70 % of the requests
 * @param sentDuringEvent first attempts that were sent to the backend during the event
 */
public record TrafficMoves(double leaveSeconds, double returnSeconds, double mostSeconds, long sentDuringEvent) {

    /** Moves of a run without a watched event. */
    static final TrafficMoves NONE = new TrafficMoves(Double.NaN, Double.NaN, Double.NaN, 0);

    private static final double NEVER = Double.POSITIVE_INFINITY;

    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Window over which the share before an event is taken. */
    private static final long BEFORE_NANOS = 30 * SECOND_NANOS;

    /**
     * Minimum share before the event. Below it, a change of the share can't be distinguished from chance, so the times
     * are not computed.
     */
    private static final double MIN_WATCHED_SHARE = 0.3;

    /** Share of all requests that the best backend has once its state is known. */
    private static final double MOST = 0.7;

    /** Requests in the shortest window over which {@link #MOST} is found. A share of fewer requests is chance. */
    private static final int MOST_REQUESTS = 20;

    static TrafficMoves of(RunResult run) {
        Optional<ScenarioEvent> watched = run.scenario().watched();
        return watched.isEmpty() ? NONE : of(run, watched.get());
    }

    private static TrafficMoves of(RunResult run, ScenarioEvent event) {
        double before = shareWithin(run, event.backend(), event.fromNanos() - BEFORE_NANOS, event.fromNanos());
        boolean watchable = before >= MIN_WATCHED_SHARE;
        return new TrafficMoves(
                watchable ? leaveSeconds(run, event, before) : Double.NaN,
                watchable ? returnSeconds(run, event, before) : Double.NaN,
                mostSeconds(run, event),
                countSentDuring(run, event));
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
        return firstWindow(run, event.backend(), event.fromNanos(), event.toNanos(), SECOND_NANOS, 0, 0.1 * before);
    }

    private static double returnSeconds(RunResult run, ScenarioEvent event, double before) {
        long end = run.scenario().durationNanos();
        return firstWindow(run, event.backend(), run.watchedEndNanos(), end, SECOND_NANOS, 0.9 * before, 1);
    }

    private static double mostSeconds(RunResult run, ScenarioEvent event) {
        long end = run.scenario().durationNanos();
        double perSecond = run.choiceNanos().length / (end / 1e9);
        long window = Math.max(SECOND_NANOS, (long) (MOST_REQUESTS / perSecond * 1e9));
        return firstWindow(run, event.backend(), run.watchedEndNanos(), end, window, MOST, 1);
    }

    /**
     * Returns the seconds from {@code from} to the first window in which the share is within the bounds; infinite if
     * there is none.
     */
    private static double firstWindow(
            RunResult run, int backend, long from, long to, long window, double atLeast, double atMost) {
        long step = SECOND_NANOS / 20;
        for (long t = from; t + window <= to; t += step) {
            double share = shareWithin(run, backend, t, t + window);
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
