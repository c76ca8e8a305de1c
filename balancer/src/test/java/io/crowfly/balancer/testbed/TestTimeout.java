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

    /** Short, because a test waits at least once that long. Awaitility's own default is 100 ms. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(SECONDS));
        Awaitility.setDefaultPollInterval(POLL_INTERVAL);
    }
}
