package io.crowfly.balancer.credential;

import java.time.Duration;

/** Why there is no new credential, in a few words for operators that follow its name and hold no secret. */
final class FetchFailed extends Exception {

    private static final long serialVersionUID = 1L;

    /** What somebody must mend is not mended by asking: it is looked at as often as is worth a line in others' logs. */
    private static final Duration UNTIL_MENDED = Duration.ofMinutes(1);

    private final Duration leastWait;

    private FetchFailed(String reason, Duration leastWait) {
        super(reason, null, false, false);
        this.leastWait = leastWait;
    }

    /** Likely to pass by itself. @param leastWait before it is worth another attempt */
    static FetchFailed passing(String reason, Duration leastWait) {
        return new FetchFailed(reason, leastWait);
    }

    static FetchFailed passing(String reason) {
        return passing(reason, Duration.ZERO);
    }

    /** Somebody must mend the conf, or what it speaks of. */
    static FetchFailed lasting(String reason) {
        return new FetchFailed(reason, UNTIL_MENDED);
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    Duration leastWait() {
        return leastWait;
    }
}
