package io.crowfly.balancer.credential;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** The failures in a row of one source: counted for operators, and logged as a row begins and ends. */
final class Streak {

    private record Row(int failures, String reason) {}

    private static final Row NONE = new Row(0, "");

    private final Logger log;
    private final String what;
    private final CountDownLatch first = new CountDownLatch(1);
    private volatile Row row = NONE;

    /** @param what the credential by name, without a secret */
    Streak(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    /** On the room's thread. @return how many in a row */
    int failed(String reason, Shown shown) {
        Row now = new Row(row.failures() + 1, reason);
        row = now;
        first.countDown();
        if (now.failures() == 1) {
            String meanwhile = shown instanceof Shown.Header
                    ? "the one in hand is shown as long as it is good"
                    : "there is none to show, and requests that need it fail";
            log.warn("credential {}: {}; {}", what, reason, meanwhile);
        }
        return now.failures();
    }

    /** On the room's thread. */
    void succeeded() {
        if (row.failures() > 0) {
            log.info("credential {}: got again, after {} failures", what, row.failures());
        }
        row = NONE;
        first.countDown();
    }

    /** From any thread but the room's: until either has come once. */
    void awaitFirst(long nanos) throws InterruptedException {
        first.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** From any thread. */
    CredentialStatus status(String kind, Optional<Instant> expires) {
        Row now = row;
        return new CredentialStatus(kind, expires, now.failures(), now.reason());
    }
}
