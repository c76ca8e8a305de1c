package io.crowfly.balancer.credential;

import io.crowfly.balancer.credential.fetch.CredentialThread;
import io.crowfly.balancer.credential.fetch.FetchFailed;
import io.crowfly.balancer.credential.fetch.Token;
import io.crowfly.balancer.credential.fetch.TokenFetch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credential source that fetches a token and renews it well before it expires. The old token stays in use until it
 * expires, so requests never wait, and the token service may be unavailable for minutes before a request fails.
 */
final class TokenSource implements ManagedCredentialSource {

    private static final Logger log = LoggerFactory.getLogger(TokenSource.class);

    /**
     * Time before expiry at which a token is renewed, as in Google's libraries: Google's metadata server returns the
     * same token until about four minutes before expiry. Azure's tokens live as long or longer.
     */
    private static final Duration RENEWAL_MARGIN = Duration.ofSeconds(225);

    /**
     * A token is renewed at the latest when this part (a third) of its lifetime is left. For tokens that live shorter
     * than Google's hour.
     */
    private static final int MARGIN_DIVISOR = 3;

    /**
     * Random share that is added to the time before expiry and to the wait after a failure, so that instances that were
     * started together do not renew together.
     */
    private static final double JITTER = 0.2;

    /** Minimum wait between two attempts to fetch a token. */
    private static final Duration MIN_WAIT = Duration.ofSeconds(1);

    /** Maximum wait after a failed attempt. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(1);

    /** Maximum number of times that the wait is doubled: 2^6 s is more than {@link #MAX_WAIT}. */
    private static final int MAX_DOUBLINGS = 6;

    /**
     * Minimum time between two renewals after refusals. A backend may refuse every token, and the token service must
     * not get one fetch per refusal.
     */
    private static final Duration MIN_REFUSAL_INTERVAL = Duration.ofSeconds(10);

    private final CredentialThread thread;
    private final TokenCache cache;
    private final String kind;
    private final TokenFetch fetch;
    private final FailureStreak streak;

    private volatile AttachedCredential current = new AttachedCredential.Missing("the first token is being fetched");
    private volatile Optional<Token> token = Optional.empty();

    // These fields are accessed only on the credential thread.
    private Optional<Future<?>> nextRenewal = Optional.empty();
    private Optional<Refusal> lastRefusal = Optional.empty();
    private boolean stopped;

    /**
     * Renewal that a backend's refusal caused.
     *
     * @param atNanos time of the refusal, by the ticker of {@link CredentialThread}
     * @param renewal completes when the renewal has succeeded or failed
     */
    private record Refusal(long atNanos, CompletableFuture<?> renewal) {}

    /**
     * Creates the source and starts to fetch the first token.
     *
     * @param name name of the credential for logs; never a secret
     */
    TokenSource(CredentialThread thread, TokenCache cache, String kind, String name, TokenFetch fetch) {
        this.thread = thread;
        this.cache = cache;
        this.kind = kind;
        this.fetch = fetch;
        this.streak = new FailureStreak(log, name);
        thread.execute(this::renew);
    }

    @Override
    public AttachedCredential current() {
        return current;
    }

    @Override
    public void refresh(AttachedCredential refused, Executor executor, RefreshListener listener) {
        thread.execute(() -> {
            if (current.equals(refused)) {
                renewForRefusal().whenComplete((any, error) -> notifyListener(refused, executor, listener));
            } else {
                notifyListener(refused, executor, listener);
            }
        });
    }

    private void notifyListener(AttachedCredential refused, Executor executor, RefreshListener listener) {
        ManagedCredentialSource.notifyListener(
                executor, listener, current instanceof AttachedCredential.Header && !current.equals(refused));
    }

    private CompletableFuture<?> renewForRefusal() {
        long nanos = thread.nanos();
        if (lastRefusal.isEmpty() || nanos - lastRefusal.get().atNanos() >= MIN_REFUSAL_INTERVAL.toNanos()) {
            lastRefusal = Optional.of(new Refusal(nanos, renew()));
        }
        return lastRefusal.get().renewal();
    }

    @Override
    public CredentialStatus status() {
        return streak.status(kind, token.map(Token::expires));
    }

    @Override
    public void awaitFirst(long nanos) throws InterruptedException {
        streak.awaitFirst(nanos);
    }

    @Override
    public void stop() {
        thread.execute(() -> {
            stopped = true;
            nextRenewal.ifPresent(task -> task.cancel(false));
            cache.remove(this);
        });
    }

    private CompletableFuture<?> renew() {
        return stopped ? CompletableFuture.completedFuture(null) : cache.renew(this);
    }

    private void scheduleRenewal(Duration wait) {
        nextRenewal.ifPresent(task -> task.cancel(false));
        nextRenewal = stopped ? Optional.empty() : Optional.of(thread.schedule(wait, this::renew));
    }

    /**
     * Fetches a token. Only {@link TokenCache} may call this method, because the cache ensures that one fetch runs at a
     * time.
     *
     * @return completes on the credential thread; with null if the fetch failed
     */
    CompletableFuture<@Nullable Token> fetch() {
        CompletableFuture<Token> fetched;
        try {
            fetched = fetch.fetch();
        } catch (FetchFailed | RuntimeException e) {
            fetched = CompletableFuture.failedFuture(e);
        }
        return fetched.handleAsync(this::onFetched, thread);
    }

    private @Nullable Token onFetched(@Nullable Token newToken, @Nullable Throwable error) {
        if (newToken == null) {
            onFailure(toFetchFailed(error));
            return null;
        }
        Duration remaining = newToken.remaining(thread);
        if (remaining.isNegative() || remaining.isZero()) {
            onFailure(FetchFailed.temporary("the received token has already expired"));
            return null;
        }
        token = Optional.of(newToken);
        current = CredentialHeader.BEARER.with(newToken.value());
        streak.recordSuccess();
        Duration share = remaining.dividedBy(MARGIN_DIVISOR);
        Duration margin = RENEWAL_MARGIN.compareTo(share) < 0 ? RENEWAL_MARGIN : share;
        Duration wait = remaining.minus(jittered(margin));
        scheduleRenewal(wait.compareTo(MIN_WAIT) < 0 ? MIN_WAIT : wait);
        return newToken;
    }

    private void onFailure(FetchFailed failure) {
        if (token.isEmpty()) {
            current = new AttachedCredential.Missing(failure.reason());
        }
        int failures = streak.recordFailure(failure.reason(), current);
        Duration doubled = MIN_WAIT.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        Duration wait = doubled.compareTo(MAX_WAIT) < 0 ? doubled : MAX_WAIT;
        scheduleRenewal(jittered(wait.compareTo(failure.minWait()) < 0 ? failure.minWait() : wait));
    }

    /** Converts an error. Never includes the message of another exception, because it may quote a secret. */
    private static FetchFailed toFetchFailed(@Nullable Throwable error) {
        Throwable cause =
                error instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : error;
        return cause instanceof FetchFailed failed
                ? failed
                : FetchFailed.temporary(
                        cause == null ? "no token received" : cause.getClass().getSimpleName());
    }

    private Duration jittered(Duration duration) {
        return Duration.ofNanos(
                (long) (duration.toNanos() * (1 + JITTER * thread.random().getAsDouble())));
    }

    /**
     * Handles the expiry of a token: without a newer token, the credential becomes missing. Called on the credential
     * thread.
     */
    void onExpired(Token expiredToken) {
        if (token.isPresent() && token.get() == expiredToken) {
            token = Optional.empty();
            String reason = status().reason();
            current = new AttachedCredential.Missing(
                    "the last token has expired" + (reason.isEmpty() ? "" : "; " + reason));
        }
    }
}
