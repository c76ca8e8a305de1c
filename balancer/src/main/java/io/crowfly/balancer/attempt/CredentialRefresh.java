package io.crowfly.balancer.attempt;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/*
 * What happens after a 401 to our credential: it is held, like any error, but not struck for yet. As it is judged
 * (Attempts.onHeld) another credential is asked for here. Then (Attempts.onRefreshed) the same backend is asked again; or, if
 * there is no other credential, or not within the client's time, the 401 is what a second one is at once: a strike, and an
 * error to go on from.
 */

/**
 * A backend that answers 401 may only have been shown something out of date: once in an exchange another credential is got for
 * it, and it is asked again. Confined to the exchange's loop.
 */
final class CredentialRefresh {

    private static final int UNAUTHORIZED = 401;

    private final Request request;
    private final Executor executor;
    private final BiConsumer<Attempt, Boolean> onResult;
    private @Nullable Attempt refusedAttempt;
    private boolean wasUsed;

    /**
     * @param executor the loop
     * @param onResult told which attempt it was for, and whether there is another credential now
     */
    CredentialRefresh(Request request, Executor executor, BiConsumer<Attempt, Boolean> onResult) {
        this.request = request;
        this.executor = executor;
        this.onResult = onResult;
    }

    boolean mayHelp(Attempt attempt, ResponseHead response) {
        return request.held.isWhole()
                && !wasUsed
                && response.status() == UNAUTHORIZED
                && attempt.credential() instanceof AttachedCredential.Header;
    }

    boolean isPending() {
        return refusedAttempt != null;
    }

    void begin(Attempt attempt) {
        wasUsed = true;
        refusedAttempt = attempt;
        attempt.upstream().credential().refresh(attempt.credential(), executor, this::finish);
    }

    /** It has taken longer than its client may wait. */
    void giveUp() {
        finish(false);
    }

    private void finish(boolean refreshed) {
        Attempt attempt = refusedAttempt;
        refusedAttempt = null;
        if (attempt != null) {
            onResult.accept(attempt, refreshed);
        }
    }
}
