package io.crowfly.balancer.affinity;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Which backend keeps what: the names of backends by the ids of responses, files and the like. Safe for several threads. */
public interface Homes {

    /** As far as this instance knows; never blocks. */
    Optional<String> known(String id);

    /** Whether other instances may know more. */
    boolean shared();

    /**
     * Asks those that share with this instance. Never blocks, never fails: where they don't answer in time nothing is known.
     *
     * @param then told on the executor, once: the backend's name
     */
    void ask(String id, Executor executor, Consumer<Optional<String>> then);

    /** An answer of the backend has named the id. Never blocks. */
    void learn(String id, String backend);

    /**
     * The backend has given out the secret, of which nothing but {@link Ids#ofSecret} is remembered: that is the id to ask for.
     * Never blocks.
     */
    void learnSecret(String secret, String backend);
}
