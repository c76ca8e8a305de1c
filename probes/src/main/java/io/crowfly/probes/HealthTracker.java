package io.crowfly.probes;

import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;

/**
 * Health of one backend, or of one (backend, model) pair, by its probes, with a threshold for each direction. Health
 * changes only after several equal results in a row. So one lost packet moves no traffic, and a backend whose results
 * alternate keeps its health.
 *
 * <p>The first result alone sets the health. Otherwise a starting instance or a new backend would get no requests for
 * {@code healthy-after} rounds.
 *
 * <p>An immutable value. The thresholds are given with each result, because a reload may change them.
 *
 * @param passes consecutive passed probes so far
 * @param failures consecutive failed probes so far
 * @param unauthorized whether the health is {@code UNHEALTHY}, and the last failed probe was rejected with status 401
 * @param reason why the backend has this health, for operators
 */
record HealthTracker(Health health, int passes, int failures, boolean unauthorized, String reason) {

    static final HealthTracker NOT_PROBED = new HealthTracker(Health.UNKNOWN, 0, 0, false, "not probed yet");

    HealthTracker afterProbe(ProbeResult result, Probe thresholds) {
        return result instanceof ProbeResult.Failure failure
                ? failed(failure, thresholds.unhealthyAfter())
                : passed("last probe passed", thresholds.healthyAfter());
    }

    /**
     * Returns the health of the backend after a probe that failed because of its model. The backend itself has
     * responded, so the probe counts as passed.
     */
    HealthTracker afterModelFailure(ProbeResult.Failure failure, Probe thresholds) {
        return passed("reachable, but the probe's model fails: " + failure.reason(), thresholds.healthyAfter());
    }

    private HealthTracker passed(String why, int threshold) {
        int count = passes + 1;
        if (health == Health.UNHEALTHY && count < threshold) {
            return new HealthTracker(
                    Health.UNHEALTHY, count, 0, unauthorized, "success " + count + " of " + threshold + " in a row");
        }
        return new HealthTracker(Health.HEALTHY, count, 0, false, why);
    }

    private HealthTracker failed(ProbeResult.Failure failure, int threshold) {
        int count = failures + 1;
        String cause = failure.reason();
        if (health == Health.HEALTHY && count < threshold) {
            return new HealthTracker(
                    Health.HEALTHY, 0, count, false, "failure " + count + " of " + threshold + " in a row: " + cause);
        }
        String reason = count == 1 ? cause : count + " probes failed in a row: " + cause;
        boolean rejected = failure.cause() == ProbeResult.Cause.CREDENTIAL;
        return new HealthTracker(Health.UNHEALTHY, 0, count, rejected, reason);
    }
}
