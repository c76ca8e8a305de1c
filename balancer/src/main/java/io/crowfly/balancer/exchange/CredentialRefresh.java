package io.crowfly.balancer.exchange;

import io.crowfly.balancer.credential.Shown;
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
    private final BiConsumer<Attempt, Boolean> then;
    private @Nullable Attempt refused;
    private boolean used;

    /**
     * @param executor the loop
     * @param then told which attempt it was for, and whether there is another credential now
     */
    CredentialRefresh(Request request, Executor executor, BiConsumer<Attempt, Boolean> then) {
        this.request = request;
        this.executor = executor;
        this.then = then;
    }

    boolean mayHelp(Attempt attempt, ResponseHead answer) {
        return request.held.isWhole()
                && !used
                && answer.status() == UNAUTHORIZED
                && attempt.shown() instanceof Shown.Header;
    }

    boolean isUnderWay() {
        return refused != null;
    }

    void begin(Attempt attempt) {
        used = true;
        refused = attempt;
        attempt.upstream().credential().refused(attempt.shown(), executor, this::end);
    }

    /** It has taken longer than its client may wait. */
    void giveUp() {
        end(false);
    }

    private void end(boolean another) {
        Attempt its = refused;
        refused = null;
        if (its != null) {
            then.accept(its, another);
        }
    }
}
