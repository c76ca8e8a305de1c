package io.crowfly.balancer.attempt;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/*
 * Steps after a 401 for a credential from the conf: the response is held like any error, but no failure is recorded
 * yet. FailureHandler calls this class, which requests a new credential, and then sends the request to the same backend
 * again. If there is no new credential before the timeout, the 401 is handled like a second 401: the failure is
 * recorded, and the next backend is tried.
 */

/**
 * Refresh of a backend's credential after a 401, because the credential may have expired or been revoked. Done at most
 * once per exchange. Confined to the exchange's event loop.
 */
final class CredentialRefresh {

    private static final int UNAUTHORIZED = 401;

    private final Request request;
    private final Executor executor;
    private final BiConsumer<Attempt, Boolean> onResult;
    private @Nullable Attempt refusedAttempt;
    private boolean wasUsed;

    /**
     * @param executor the exchange's event loop
     * @param onResult receives the refused attempt and whether a new credential is available
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

    /** Ends the refresh without a new credential, because the exchange has timed out. */
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
