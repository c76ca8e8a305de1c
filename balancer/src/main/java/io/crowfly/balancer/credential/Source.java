package io.crowfly.balancer.credential;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** A source as {@link Credentials} keeps it. */
interface Source extends CredentialSource {

    /** Waits, though no longer than so, until there is something to show or has failed to come once. Blocks. */
    void awaitFirst(long nanos) throws InterruptedException;

    /** Nobody will ask any more: stops getting new ones. From any thread. */
    void end();

    /** On whatever executor the caller has given; when that is closed, nobody is there to hear. */
    static void tell(Executor executor, Refreshed then, boolean another) {
        try {
            executor.execute(() -> then.done(another));
        } catch (RejectedExecutionException e) {
            // The exchange has ended with its loop.
        }
    }
}
