package io.crowfly.balancer.credential;

import java.util.concurrent.Executor;

/**
 * Source of one backend's credential, which keeps the credential ready, so that a request only reads it. Thread-safe.
 * No method blocks.
 */
public interface CredentialSource {

    /** Returns the credential to attach now. */
    AttachedCredential current();

    /**
     * Obtains a new credential because a backend refused {@code refused}. Does nothing if the credential was replaced
     * since, or if a refusal caused a renewal a moment ago.
     *
     * @param listener called on the executor, once
     */
    void refresh(AttachedCredential refused, Executor executor, RefreshListener listener);

    /**
     * Listener that is called after a refresh. The argument is whether a credential other than the refused one is now
     * available.
     */
    @FunctionalInterface
    interface RefreshListener {
        void onRefreshed(boolean renewed);
    }

    /** Returns the result of the last renewals, for operators. */
    CredentialStatus status();
}
