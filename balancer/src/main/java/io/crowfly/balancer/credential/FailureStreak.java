package io.crowfly.balancer.credential;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Counter of one credential source's failures in a row. Logs the first failure, and the first success after failures.
 */
final class FailureStreak {

    private record State(int failures, String reason) {}

    private static final State NONE = new State(0, "");

    private final Logger log;
    private final String name;
    private final CountDownLatch firstResult = new CountDownLatch(1);
    private volatile State state = NONE;

    /** @param name name of the credential for logs; never a secret */
    FailureStreak(Logger log, String name) {
        this.log = log;
        this.name = name;
    }

    /**
     * Records a failure. Called on the credential thread.
     *
     * @param attached the credential that is now in use, for the log
     * @return number of failures in a row
     */
    int recordFailure(String reason, AttachedCredential attached) {
        State current = new State(state.failures() + 1, reason);
        state = current;
        firstResult.countDown();
        if (current.failures() == 1) {
            String meanwhile = attached instanceof AttachedCredential.Header
                    ? "the current credential is used until it expires"
                    : "no credential is available, so requests that need it fail";
            log.warn("credential {}: {}; {}", name, reason, meanwhile);
        }
        return current.failures();
    }

    /** Records a success, which ends the failures in a row. Called on the credential thread. */
    void recordSuccess() {
        if (state.failures() > 0) {
            log.info("credential {}: obtained again after {} failures", name, state.failures());
        }
        state = NONE;
        firstResult.countDown();
    }

    /**
     * Waits until the first success or failure, at most this time. May be called on any thread except the credential
     * thread.
     */
    void awaitFirst(long nanos) throws InterruptedException {
        firstResult.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns the status for operators. May be called on any thread. */
    CredentialStatus status(String kind, Optional<Instant> expires) {
        State current = state;
        return new CredentialStatus(kind, expires, current.failures(), current.reason());
    }
}
