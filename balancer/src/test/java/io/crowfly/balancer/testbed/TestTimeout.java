package io.crowfly.balancer.testbed;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long and how often a test waits for an expected event. The time is much longer than usual, because a single core
 * may be busy. Registered for all test classes as the defaults of Awaitility.
 */
public final class TestTimeout implements BeforeAllCallback {

    /** Shorter than the time limit of a test. */
    public static final int SECONDS = 30;

    /** Longest time between two polls. Awaitility's default of 100 ms would be most of the time of many tests. */
    private static final long MAX_POLL_MILLIS = 50;

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(SECONDS));
        Awaitility.setDefaultPollInterval(TestTimeout::pollInterval);
    }

    /** Returns an interval that doubles with each poll: most events come soon, and a poll may be costly. */
    private static Duration pollInterval(int pollCount, Duration previous) {
        return Duration.ofMillis(Math.min(MAX_POLL_MILLIS, 1L << Math.min(pollCount, 16)));
    }
}
