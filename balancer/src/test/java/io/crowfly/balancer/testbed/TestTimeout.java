package io.crowfly.balancer.testbed;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long a test waits for what should be there at once: much longer than it takes, since a single core may be busy with
 * something else. Registered for all of them, as the time that Awaitility waits where it is not told another one.
 */
public final class TestTimeout implements BeforeAllCallback {

    /** Less than a test may take in all. */
    public static final int SECONDS = 30;

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(SECONDS));
    }
}
