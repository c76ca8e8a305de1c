package io.crowfly.balancer.credential;

import java.util.concurrent.CompletableFuture;

/** Gets one token. */
@FunctionalInterface
interface TokenFetch {

    /**
     * On the room's thread. What files it needs are read anew.
     *
     * @return completes on the room's thread; exceptionally with a {@link FetchFailed}
     * @throws FetchFailed if there is nothing to ask with
     */
    CompletableFuture<Token> fetch() throws FetchFailed;
}
