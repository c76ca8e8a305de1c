package io.crowfly.balancer.testbed;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long a test waits for an expected event: much longer than usual, because a single core may be busy. Registered
 * for all test classes as the default timeout of Awaitility.
 */
public final class TestTimeout implements BeforeAllCallback {

    /** Shorter than the time limit of a test. */
    public static final int SECONDS = 30;

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(SECONDS));
    }
}
