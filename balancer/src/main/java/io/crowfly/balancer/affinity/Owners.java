package io.crowfly.balancer.affinity;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Lookup and record of owners: the backend's name for the id of each stored response, file or other object.
 * Thread-safe.
 */
public interface Owners {

    /** Returns the owner of an id if this instance knows it. Never blocks. */
    Optional<String> knownOwner(String id);

    /** Returns whether {@link #lookUp} also asks a store that instances share, which may contain more owners. */
    boolean shared();

    /**
     * Looks up the owner of an id, also in the store that instances share. Never blocks and never fails: after a
     * timeout the result is empty.
     *
     * @param callback called once on the executor with the backend's name
     */
    void lookUp(String id, Executor executor, Consumer<Optional<String>> callback);

    /** Records that a response of the backend contained the id, so the backend owns it. Never blocks. */
    void recordOwner(String id, String backend);

    /**
     * Records that the backend has issued the secret. Only an id derived from the secret ({@link
     * StateIdFormat#fromSecret}) is kept, never the secret. Never blocks.
     */
    void recordSecretOwner(String secret, String backend);
}
