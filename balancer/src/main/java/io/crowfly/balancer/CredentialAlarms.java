package io.crowfly.balancer;

import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
import io.crowfly.balancer.credential.Shown;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which backends a credential fails that can't be got: once as it lasts, once more when there is none to show,
 * and once as it is over. Confined to one thread.
 */
final class CredentialAlarms {

    private static final Logger log = LoggerFactory.getLogger(CredentialAlarms.class);

    /** One or two are a token service's hiccup; these took some three seconds and more. */
    private static final int LASTING = 3;

    private enum State {
        WELL,
        FAILING,
        MISSING
    }

    private final Map<String, State> states = new HashMap<>();

    /** Compares how credentials fare with what was before. @param credentials by the backends' names */
    void look(Map<String, CredentialSource> credentials) {
        states.keySet().retainAll(credentials.keySet());
        credentials.forEach((backend, source) -> {
            CredentialStatus status = source.status();
            State now = state(source.now(), status);
            State before = states.put(backend, now);
            if (now != (before == null ? State.WELL : before)) {
                tell(backend, now, status);
            }
        });
    }

    private static State state(Shown shown, CredentialStatus status) {
        if (shown instanceof Shown.Missing && status.failures() > 0) {
            return State.MISSING;
        }
        return status.failures() >= LASTING ? State.FAILING : State.WELL;
    }

    private static void tell(String backend, State state, CredentialStatus status) {
        switch (state) {
            case WELL -> log.info("backend {}: its credential can be got again", backend);
            case FAILING ->
                log.warn(
                        "backend {}: no new credential after {} attempts ({}); the one in hand is good {}",
                        backend,
                        status.failures(),
                        status.reason(),
                        status.expires().map(expires -> "until " + expires).orElse("as far as is known"));
            case MISSING ->
                log.error(
                        "backend {}: has no credential ({}); nothing can be sent there until there is one",
                        backend,
                        status.reason());
        }
    }
}
