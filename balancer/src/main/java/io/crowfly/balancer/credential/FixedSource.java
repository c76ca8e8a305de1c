package io.crowfly.balancer.credential;

import java.util.Optional;
import java.util.concurrent.Executor;

/** What never changes while the conf stays: nothing, the client's own, or a secret out of the conf itself. */
record FixedSource(String kind, Shown now) implements Source {

    @Override
    public void refused(Shown shown, Executor executor, Refreshed then) {
        Source.tell(executor, then, false);
    }

    @Override
    public CredentialStatus status() {
        return new CredentialStatus(kind, Optional.empty(), 0, "");
    }

    @Override
    public void awaitFirst(long nanos) {}

    @Override
    public void end() {}
}
