package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.HEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTrackerTest {

    /** Healthy after 2, unhealthy after 3. */
    private static final Probe THRESHOLDS = TestBackends.probe(new Probe.Kind.Tcp());

    private static final ProbeResult FAILURE = new ProbeResult.Failure("status 503");

    /** @param results {@code +} for a passed probe, {@code -} for a failed one */
    private static HealthTracker after(String results) {
        HealthTracker tracker = HealthTracker.NOT_PROBED;
        for (char result : results.toCharArray()) {
            tracker = tracker.afterProbe(result == '+' ? ScriptedProber.firstByte(1) : FAILURE, THRESHOLDS);
        }
        return tracker;
    }

    private static List<Health> path(String results) {
        List<Health> path = new ArrayList<>();
        for (int length = 1; length <= results.length(); length++) {
            path.add(after(results.substring(0, length)).health());
        }
        return path;
    }

    @Test
    void isUnknownBeforeTheFirstResult() {
        assertThat(after("").health()).isEqualTo(UNKNOWN);
        assertThat(after("").reason()).isEqualTo("not probed yet");
    }

    @Test
    void decidesOnTheFirstResult() {
        assertThat(after("+").health()).isEqualTo(HEALTHY);
        assertThat(after("-").health()).isEqualTo(UNHEALTHY);
    }

    @Test
    void fallsOnlyAfterTheThresholdOfFailures() {
        assertThat(path("+---")).containsExactly(HEALTHY, HEALTHY, HEALTHY, UNHEALTHY);
        assertThat(path("+--+--")).containsOnly(HEALTHY);
    }

    @Test
    void risesOnlyAfterTheThresholdOfSuccesses() {
        assertThat(path("-++")).containsExactly(UNHEALTHY, UNHEALTHY, HEALTHY);
        assertThat(path("-+-+-+-")).containsOnly(UNHEALTHY);
    }

    @Test
    void doesNotFlapWithABackendThatFailsEveryOtherProbe() {
        assertThat(path("+-+-+-+-+-")).containsOnly(HEALTHY);
    }

    @Test
    void givesAShortReason() {
        assertThat(after("+").reason()).isEqualTo("last probe passed");
        assertThat(after("+-").reason()).isEqualTo("failure 1 of 3 in a row: status 503");
        assertThat(after("+---").reason()).isEqualTo("3 probes failed in a row: status 503");
        assertThat(after("-").reason()).isEqualTo("status 503");
        assertThat(after("-+").reason()).isEqualTo("success 1 of 2 in a row");
    }
}
