package io.crowfly.probes;

import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;

/**
 * Health of one backend from its probes, with rise and fall thresholds. Only that many consecutive results change the
 * health, so that one lost packet moves no traffic and a flapping backend stays unhealthy or healthy.
 *
 * <p>The first result decides alone. Otherwise a starting instance or a new backend would be idle for {@code
 * healthy-after} rounds.
 *
 * <p>An immutable value. The thresholds are given with each result, because a reload may change them.
 *
 * @param passes consecutive passed probes so far
 * @param failures consecutive failed probes so far
 * @param reason why the backend has this health, for operators
 */
record HealthTracker(Health health, int passes, int failures, String reason) {

    static final HealthTracker NOT_PROBED = new HealthTracker(Health.UNKNOWN, 0, 0, "not probed yet");

    HealthTracker afterProbe(ProbeResult result, Probe thresholds) {
        return result instanceof ProbeResult.Failure failure
                ? failed(failure.reason(), thresholds.unhealthyAfter())
                : passed(thresholds.healthyAfter());
    }

    private HealthTracker passed(int threshold) {
        int count = passes + 1;
        if (health == Health.UNHEALTHY && count < threshold) {
            return new HealthTracker(Health.UNHEALTHY, count, 0, "success " + count + " of " + threshold + " in a row");
        }
        return new HealthTracker(Health.HEALTHY, count, 0, "last probe passed");
    }

    private HealthTracker failed(String cause, int threshold) {
        int count = failures + 1;
        if (health == Health.HEALTHY && count < threshold) {
            return new HealthTracker(
                    Health.HEALTHY, 0, count, "failure " + count + " of " + threshold + " in a row: " + cause);
        }
        String reason = count == 1 ? cause : count + " probes failed in a row: " + cause;
        return new HealthTracker(Health.UNHEALTHY, 0, count, reason);
    }
}
