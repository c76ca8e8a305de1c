package io.crowfly.balancer.credential;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/*
 * Caffeine does three things here: while a token is being got nobody else starts getting it, the one before stays until then,
 * and it is thrown out when it expires. Requests never come here: they read what the source has published.
 *
 * A load that fails does not fail for Caffeine, which would write it to a log of its own: it brings nothing new.
 */

/** The tokens that there are, each until it truly expires. Confined to the room's thread. */
final class Tokens {

    private final AsyncLoadingCache<TokenSource, Token> cache;

    Tokens(Room room) {
        cache = Caffeine.newBuilder()
                .executor(room)
                .ticker(room.ticker())
                // By itself Caffeine throws out only as it is used.
                .scheduler((executor, command, delay, unit) ->
                        room.after(Duration.of(delay, unit.toChronoUnit()), () -> executor.execute(command)))
                .expireAfter(Expiry.<TokenSource, Token>writing((source, token) -> token.left(room)))
                .removalListener((@Nullable TokenSource source, @Nullable Token token, RemovalCause cause) -> {
                    if (source != null && token != null && cause == RemovalCause.EXPIRED) {
                        source.expired(token);
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

    /** Gets a new one, unless that is under way. @return done once it is here, or known not to come; never exceptionally */
    CompletableFuture<?> renew(TokenSource source) {
        return cache.synchronous().refresh(source);
    }

    void forget(TokenSource source) {
        cache.synchronous().invalidate(source);
    }
}
