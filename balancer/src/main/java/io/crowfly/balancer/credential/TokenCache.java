package io.crowfly.balancer.credential;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.crowfly.balancer.credential.fetch.CredentialThread;
import io.crowfly.balancer.credential.fetch.Token;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/*
 * Caffeine has three tasks here. It runs at most one fetch per token. It keeps the old token until the new one is
 * received. It removes a token when the token expires. Requests never use this cache: they read the credential that the
 * source has published.
 *
 * A failed fetch completes normally without a new token, because Caffeine would log an exception itself.
 */

/**
 * Cache of the tokens of all {@link TokenSource}s: fetches each token once at a time and removes it when it expires.
 * Confined to the credential thread.
 */
final class TokenCache {

    private final AsyncLoadingCache<TokenSource, Token> cache;

    TokenCache(CredentialThread thread) {
        cache = Caffeine.newBuilder()
                .executor(thread)
                .ticker(thread.ticker())
                // Without a scheduler, Caffeine removes expired entries only when the cache is used.
                .scheduler((executor, command, delay, unit) ->
                        thread.schedule(Duration.of(delay, unit.toChronoUnit()), () -> executor.execute(command)))
                .expireAfter(Expiry.<TokenSource, Token>writing((source, token) -> token.remaining(thread)))
                .removalListener((@Nullable TokenSource source, @Nullable Token token, RemovalCause cause) -> {
                    if (source != null && token != null && cause == RemovalCause.EXPIRED) {
                        source.onExpired(token);
                    }
                })
                .buildAsync(new Loader());
    }

    private static final class Loader implements AsyncCacheLoader<TokenSource, Token> {

        @Override
        public CompletableFuture<? extends @Nullable Token> asyncLoad(TokenSource source, Executor executor) {
            return source.fetch();
        }

        @Override
        public CompletableFuture<? extends @Nullable Token> asyncReload(
                TokenSource source, Token old, Executor executor) {
            return source.fetch().thenApply(token -> token == null ? old : token);
        }
    }

    /**
     * Fetches a new token unless a fetch is running.
     *
     * @return a future that completes when that fetch succeeds or fails; never with an exception
     */
    CompletableFuture<?> renew(TokenSource source) {
        return cache.synchronous().refresh(source);
    }

    void remove(TokenSource source) {
        cache.synchronous().invalidate(source);
    }
}
