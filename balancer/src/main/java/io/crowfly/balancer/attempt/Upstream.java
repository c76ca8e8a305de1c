package io.crowfly.balancer.attempt;

import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.conf.Backend;

/**
 * One backend of one conf, with its connections, dialect, credential and counts. Attempts send requests through it.
 * Safe for use by all event loops.
 */
public interface Upstream {

    Backend backend();

    Dialect dialect();

    CredentialSource credential();

    /**
     * Takes an idle connection or opens a new one, and reports its events. If the connection is idle, {@code onOpen} is
     * called before this method returns.
     *
     * @param loop number of the calling event loop
     * @param fresh whether the connection must be a new one
     */
    void open(int loop, boolean fresh, UpstreamEvents events);

    /**
     * Returns whether an event loop has an idle connection to the backend.
     *
     * @param loop number of the calling event loop
     */
    boolean isWarm(int loop);

    /**
     * Opens a connection to a backend with an {@code https} URL on an event loop that has no idle one, so that the next
     * request does not wait for the handshakes of TCP and TLS. Callable from any thread. Does not wait.
     */
    void openAhead(int loop);

    /** Counts a request as in flight until {@link #onAttemptEnd}. Callable from any thread. */
    void onAttemptStart();

    void onAttemptEnd();

    /** Counts a failed attempt. Callable from any thread. */
    void onAttemptFailure();

    /** Returns the number of failed attempts over all event loops since the backend's name was first in the conf. */
    long failures();

    /** Returns the number of requests in flight over all event loops. */
    long inFlight();
}
