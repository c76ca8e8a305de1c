package io.crowfly.balancer.attempt;

import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.conf.Backend;

/** One backend of one conf with its connections, for sending requests. Immutable from outside; shared by all loops. */
public interface Upstream {

    Backend backend();

    Dialect dialect();

    CredentialSource credential();

    /**
     * Takes an idle connection or opens a new one, and reports its events. With an idle one, {@code onOpen} is called
     * at once.
     *
     * @param loop the calling loop's number
     * @param fresh whether the connection must be a new one
     */
    void open(int loop, boolean fresh, UpstreamEvents events);

    /**
     * Returns whether this loop has an idle connection.
     *
     * @param loop the calling loop's number
     */
    boolean isWarm(int loop);

    /** Counts a request as in flight, until {@link #onAttemptEnd}. Any thread. */
    void onAttemptStart();

    void onAttemptEnd();

    /** Counts a failed attempt. Any thread. */
    void onAttemptFailure();

    /** Returns the failed attempts over all loops since the backend's name was first in the conf. */
    long failures();

    /** Returns the requests in flight over all loops. */
    long inFlight();
}
