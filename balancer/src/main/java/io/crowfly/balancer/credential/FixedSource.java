package io.crowfly.balancer.credential;

import java.util.Optional;
import java.util.concurrent.Executor;

/** Credential source whose credential never changes: none, the client's own, or a secret that the conf contains. */
record FixedSource(String kind, AttachedCredential current) implements ManagedCredentialSource {

    @Override
    public void refresh(AttachedCredential refused, Executor executor, RefreshListener listener) {
        ManagedCredentialSource.notifyListener(executor, listener, false);
    }

    @Override
    public CredentialStatus status() {
        return new CredentialStatus(kind, Optional.empty(), 0, "");
    }

    @Override
    public void awaitFirst(long nanos) {}

    @Override
    public void stop() {}
}
