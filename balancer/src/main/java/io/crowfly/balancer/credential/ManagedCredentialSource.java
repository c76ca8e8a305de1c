package io.crowfly.balancer.credential;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Credential source that {@link Credentials} starts and stops. */
interface ManagedCredentialSource extends CredentialSource {

    /** Waits at most {@code nanos} until a credential is available or the first attempt has failed. Blocks. */
    void awaitFirst(long nanos) throws InterruptedException;

    /** Stops renewals. May be called on any thread. */
    void stop();

    /** Calls the listener on the given executor. Does nothing if the executor is shut down. */
    static void notifyListener(Executor executor, RefreshListener listener, boolean renewed) {
        try {
            executor.execute(() -> listener.onRefreshed(renewed));
        } catch (RejectedExecutionException e) {
            // The event loop has ended, so the exchange has ended too.
        }
    }
}
