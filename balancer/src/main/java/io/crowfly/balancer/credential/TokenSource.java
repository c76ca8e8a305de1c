package io.crowfly.balancer.credential;

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
 * A token that is got anew well before it expires, and shown until it does. Whoever reads it never waits, and whoever gets it
 * never hurries: a token service may be away for minutes before a request notices.
 */
final class TokenSource implements Source {

    private static final Logger log = LoggerFactory.getLogger(TokenSource.class);

    /**
     * Before the end, as Google's libraries have it: its metadata server gives out the same token again until the last four
     * minutes or so of its life. Azure's tokens live as long or longer.
     */
    private static final Duration MARGIN = Duration.ofSeconds(225);

    /** Of a life, for tokens that live shorter than Google's hour. */
    private static final int MARGIN_SHARE = 3;

    /** Of the margin, and of a wait after a failure: instances that were started together do not ask together. */
    private static final double JITTER = 0.2;

    /** Between two attempts, whatever the reason. */
    private static final Duration LEAST_WAIT = Duration.ofSeconds(1);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** 2^6 s is past {@link #LONGEST_WAIT}. */
    private static final int MOST_DOUBLINGS = 6;

    /** A backend that refuses every token is mended by none: its answers must not become a flood at the token service. */
    private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(10);

    private final Room room;
    private final Tokens tokens;
    private final String kind;
    private final TokenFetch fetch;
    private final Streak streak;

    private volatile Shown shown = new Shown.Missing("the first token is on its way");
    private volatile Optional<Token> token = Optional.empty();

    // On the room's thread.
    private Optional<Future<?>> next = Optional.empty();
    private Optional<Refusal> refusal = Optional.empty();
    private boolean ended;

    /** @param renewal that it led to */
    private record Refusal(long atNanos, CompletableFuture<?> renewal) {}

    /** Begins to get the first token, at once. @param what the credential by name, without a secret */
    TokenSource(Room room, Tokens tokens, String kind, String what, TokenFetch fetch) {
        this.room = room;
        this.tokens = tokens;
        this.kind = kind;
        this.fetch = fetch;
        this.streak = new Streak(log, what);
        room.execute(this::renew);
    }

    @Override
    public Shown now() {
        return shown;
    }

    @Override
    public void refused(Shown refused, Executor executor, Refreshed then) {
        room.execute(() -> {
            if (shown.equals(refused)) {
                renewForRefusal().whenComplete((any, error) -> tell(refused, executor, then));
            } else {
                tell(refused, executor, then);
            }
        });
    }

    private void tell(Shown refused, Executor executor, Refreshed then) {
        Source.tell(executor, then, shown instanceof Shown.Header && !shown.equals(refused));
    }

    private CompletableFuture<?> renewForRefusal() {
        long nanos = room.nanos();
        if (refusal.isEmpty() || nanos - refusal.get().atNanos() >= BETWEEN_REFUSALS.toNanos()) {
            refusal = Optional.of(new Refusal(nanos, renew()));
        }
        return refusal.get().renewal();
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
    public void end() {
        room.execute(() -> {
            ended = true;
            next.ifPresent(task -> task.cancel(false));
            tokens.forget(this);
        });
    }

    private CompletableFuture<?> renew() {
        return ended ? CompletableFuture.completedFuture(null) : tokens.renew(this);
    }

    private void renewAfter(Duration wait) {
        next.ifPresent(task -> task.cancel(false));
        next = ended ? Optional.empty() : Optional.of(room.after(wait, this::renew));
    }

    /**
     * For {@link Tokens} alone, which sees to it that there is one fetch at a time.
     *
     * @return done on the room's thread; without a token if there is no new one
     */
    CompletableFuture<@Nullable Token> fetch() {
        CompletableFuture<Token> fetched;
        try {
            fetched = fetch.fetch();
        } catch (FetchFailed | RuntimeException e) {
            fetched = CompletableFuture.failedFuture(e);
        }
        return fetched.handleAsync(this::took, room);
    }

    private @Nullable Token took(@Nullable Token taken, @Nullable Throwable error) {
        if (taken == null) {
            failed(failure(error));
            return null;
        }
        Duration left = taken.left(room);
        if (left.isNegative() || left.isZero()) {
            failed(FetchFailed.passing("the token had expired when it came"));
            return null;
        }
        token = Optional.of(taken);
        shown = Headers.BEARER.with(taken.value());
        streak.succeeded();
        Duration share = left.dividedBy(MARGIN_SHARE);
        Duration margin = MARGIN.compareTo(share) < 0 ? MARGIN : share;
        Duration wait = left.minus(jittered(margin));
        renewAfter(wait.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : wait);
        return taken;
    }

    private void failed(FetchFailed failure) {
        if (token.isEmpty()) {
            shown = new Shown.Missing(failure.reason());
        }
        int failures = streak.failed(failure.reason(), shown);
        Duration doubled = LEAST_WAIT.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        Duration wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
        renewAfter(jittered(wait.compareTo(failure.leastWait()) < 0 ? failure.leastWait() : wait));
    }

    /** Never an exception's own words: they may quote what it stumbled over. */
    private static FetchFailed failure(@Nullable Throwable error) {
        Throwable cause =
                error instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : error;
        return cause instanceof FetchFailed failed
                ? failed
                : FetchFailed.passing(
                        cause == null ? "no token came" : cause.getClass().getSimpleName());
    }

    private Duration jittered(Duration duration) {
        return Duration.ofNanos(
                (long) (duration.toNanos() * (1 + JITTER * room.random().getAsDouble())));
    }

    /** On the room's thread. */
    void expired(Token old) {
        if (token.isPresent() && token.get() == old) {
            token = Optional.empty();
            String reason = status().reason();
            shown = new Shown.Missing("the last token has expired" + (reason.isEmpty() ? "" : "; " + reason));
        }
    }
}
