package io.crowfly.probes;

import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;

/**
 * Whether a backend is healthy, by rise and fall thresholds: only so many results in a row against the present health
 * change it, so that a single lost packet moves no traffic and a flapping backend does not flap here.
 *
 * <p>The very first result decides alone. There is no health yet to defend against noise, and an instance that starts, or a
 * backend just added, would otherwise stand idle for {@code healthy-after} rounds.
 *
 * <p>An immutable value. The thresholds come with each result, as a reload may change them while what was learned stays.
 *
 * @param passes successes in a row up to now
 * @param failures failures in a row up to now
 * @param reason why the health is as it is, for operators
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
