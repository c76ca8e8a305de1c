package io.crowfly.balancer.attempt;

import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.conf.Backend;

/** One backend of one conf, ready to be sent to. Immutable from outside; shared by all loops. */
public interface Upstream {

    Backend backend();

    Dialect dialect();

    CredentialSource credential();

    /**
     * Finds or makes a connection and tells the events of it; at once where one is idle.
     *
     * @param loop the calling loop's number
     * @param fresh whether a connection that has been used before won't do
     */
    void open(int loop, boolean fresh, UpstreamEvents events);

    /** Whether a connection is open and idle. @param loop the calling loop's number */
    boolean isWarm(int loop);

    /** Counts a request as under way, until {@link #onAttemptEnd}. Any thread. */
    void onAttemptStart();

    void onAttemptEnd();

    /** Counts an attempt that came to nothing. Any thread. */
    void onAttemptFailure();

    /** Attempts that came to nothing, over all loops, since the backend's name came into the conf. */
    long failures();

    /** Requests under way, over all loops. */
    long inFlight();
}
