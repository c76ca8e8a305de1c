package io.crowfly.balancer.credential.fetch;

import java.time.Duration;

/** Failure to obtain a token or to read a secret file. The reason is a few words for operators, without a secret. */
public final class FetchFailed extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Minimum wait after a failure that a retry cannot correct. Long, so that the retries do not fill the logs of the
     * token service.
     */
    private static final Duration PERSISTENT_RETRY_WAIT = Duration.ofMinutes(1);

    private final Duration minWait;

    private FetchFailed(String reason, Duration minWait) {
        super(reason, null, false, false);
        this.minWait = minWait;
    }

    /**
     * Creates a failure that is likely to disappear without action of an operator.
     *
     * @param minWait minimum wait before the next attempt
     */
    static FetchFailed temporary(String reason, Duration minWait) {
        return new FetchFailed(reason, minWait);
    }

    /** Creates a failure that is likely to disappear without action of an operator. */
    public static FetchFailed temporary(String reason) {
        return temporary(reason, Duration.ZERO);
    }

    /** Creates a failure that lasts until an operator corrects the conf, a file or a setting of the cloud. */
    static FetchFailed persistent(String reason) {
        return new FetchFailed(reason, PERSISTENT_RETRY_WAIT);
    }

    public String reason() {
        return String.valueOf(getMessage());
    }

    /** Returns the minimum wait before the next attempt. */
    public Duration minWait() {
        return minWait;
    }
}
