package io.crowfly.balancer.credential.fetch;

import java.util.concurrent.CompletableFuture;

/** Method of obtaining one kind of token, for example from Microsoft Entra ID or a metadata server. */
@FunctionalInterface
public interface TokenFetch {

    /**
     * Fetches one token. Called on the credential thread. Reads the files that it needs each time.
     *
     * @return a future that completes on the credential thread; if there is no token, with a {@link FetchFailed}
     * @throws FetchFailed if a file or key that the request needs is missing or invalid
     */
    CompletableFuture<Token> fetch() throws FetchFailed;
}
