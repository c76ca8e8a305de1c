package io.crowfly.balancer.affinity;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Lookup of owners: backend names by the ids of responses, files and other stored state. Thread-safe. */
public interface Owners {

    /** Returns the owner if this instance knows it. Never blocks. */
    Optional<String> knownOwner(String id);

    /** Returns whether other instances may know more owners. */
    boolean shared();

    /**
     * Looks up the owner, also in the store that instances share. Never blocks and never fails: after a timeout the
     * result is empty.
     *
     * @param callback receives the backend's name on the executor, once
     */
    void lookUp(String id, Executor executor, Consumer<Optional<String>> callback);

    /** Records that a response of the backend has named the id. Never blocks. */
    void recordOwner(String id, String backend);

    /**
     * Records that the backend has issued the secret. Only {@link StateIdFormat#fromSecret} is remembered, which is the
     * id for lookups. Never blocks.
     */
    void recordSecretOwner(String secret, String backend);
}
