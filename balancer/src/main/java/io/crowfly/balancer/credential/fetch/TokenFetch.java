package io.crowfly.balancer.credential.fetch;

import java.util.concurrent.CompletableFuture;

/** Way to obtain one kind of token. */
@FunctionalInterface
public interface TokenFetch {

    /**
     * Fetches one token. Called on the credential thread. Reads the files that it needs each time.
     *
     * @return completes on the credential thread; exceptionally with a {@link FetchFailed}
     * @throws FetchFailed if a file or key that the request needs is missing or invalid
     */
    CompletableFuture<Token> fetch() throws FetchFailed;
}
