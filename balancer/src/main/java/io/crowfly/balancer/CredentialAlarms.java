package io.crowfly.balancer;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logger of failures to obtain backends' credentials. Logs once when failures persist, once when no valid credential is
 * left, and once when a credential is available again. Confined to one thread.
 */
final class CredentialAlarms {

    private static final Logger log = LoggerFactory.getLogger(CredentialAlarms.class);

    /**
     * Failures in a row after which the first log line is written. One or two may be a brief disturbance at the token
     * service. Three take about three seconds or more.
     */
    private static final int FAILURES_TO_REPORT = 3;

    private enum State {
        WORKING,
        FAILING,
        MISSING
    }

    private final Map<String, State> stateByBackend = new HashMap<>();

    /**
     * Logs what has changed since the previous call.
     *
     * @param credentials credential of each backend, by the backend's name
     */
    void logChanges(Map<String, CredentialSource> credentials) {
        stateByBackend.keySet().retainAll(credentials.keySet());
        credentials.forEach((backend, source) -> {
            CredentialStatus status = source.status();
            State current = stateOf(source.current(), status);
            State previous = stateByBackend.put(backend, current);
            if (current != (previous == null ? State.WORKING : previous)) {
                logChange(backend, current, status);
            }
        });
    }

    private static State stateOf(AttachedCredential attached, CredentialStatus status) {
        if (attached instanceof AttachedCredential.Missing && status.failures() > 0) {
            return State.MISSING;
        }
        return status.failures() >= FAILURES_TO_REPORT ? State.FAILING : State.WORKING;
    }

    private static void logChange(String backend, State state, CredentialStatus status) {
        switch (state) {
            case WORKING -> log.info("backend {}: a new credential was obtained", backend);
            case FAILING ->
                log.warn(
                        "backend {}: no new credential after {} attempts ({}); the current one is valid {}",
                        backend,
                        status.failures(),
                        status.reason(),
                        status.expires().map(expires -> "until " + expires).orElse("for an unknown time"));
            case MISSING ->
                log.error(
                        "backend {}: has no credential ({}); requests cannot be sent there until one is obtained",
                        backend,
                        status.reason());
        }
    }
}
