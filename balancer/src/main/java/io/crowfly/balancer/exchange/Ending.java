package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.probes.Observation.Strike;
import java.util.Optional;

/*
 * The table of second attempts, all of it, and pure: from how an attempt ended and what sending the request twice would do,
 * to what becomes of the request; and what the backend gets for it. Whether there is another backend, and time and budget
 * left for it, is not asked here.
 *
 *   ending             strike          safe, stateless   creating
 *   ANSWERED           -               give it           give it
 *   NO_CREDENTIAL      -               next              next
 *   NO_CONNECTION      unreachable     next              next
 *   UNSENT             -               next              next
 *   STALE              -               same again        failed
 *   CLOSED             failed          next              failed
 *   SILENT             silent          next              failed
 *   BROKEN             broken          failed            failed
 *   OVERLOADED (5xx)   failed          next              give it
 *   THROTTLED (429)    (parked)        next              next
 *   UNAUTHORIZED (401) unauthorized    next              next, before that once more with a fresh credential
 *   FORBIDDEN (403)    forbidden       next              next
 *   UNCLEAR            -               look at its body: ANSWERED, NO_DEPLOYMENT or ELSEWHERE
 *   ELSEWHERE          -               next              next
 *   NO_DEPLOYMENT      no deployment   next              next
 *
 * The rule behind it: a request that was provably not processed goes on whatever it is, one that may have been only if a
 * second time harms nobody.
 */

/** How an attempt ended, as far as its request's further way goes by it. */
enum Ending {
    /** An answer that is the client's: a good one, or an error that any backend would give. */
    ANSWERED(Optional.empty()),
    /** We have nothing to show to the backend. */
    NO_CREDENTIAL(Optional.empty()),
    /** The request has not left. */
    NO_CONNECTION(Optional.of(Strike.UNREACHABLE)),
    /** The connection ended before anything of the request had been written. */
    UNSENT(Optional.empty()),
    /** A connection that had been used before ended unanswered: the backend had most likely closed it just then. */
    STALE(Optional.empty()),
    /** A new connection ended before the first byte of an answer. */
    CLOSED(Optional.of(Strike.FAILED)),
    /** No answer in time. */
    SILENT(Optional.of(Strike.SILENT)),
    /** The answer had begun and broke off, or was none. Somebody has worked on it, and may have sent a part of it. */
    BROKEN(Optional.of(Strike.BROKEN)),
    /** 408, 409, or one of the 5xx that another backend may not give. */
    OVERLOADED(Optional.of(Strike.FAILED)),
    /** 429: refused before it was worked on. */
    THROTTLED(Optional.empty()),
    /** 401 to our credential. */
    UNAUTHORIZED(Optional.of(Strike.UNAUTHORIZED)),
    /** 403 to our credential. */
    FORBIDDEN(Optional.of(Strike.FORBIDDEN)),
    /** Something was not found: a model, what the request refers to and nobody has seen, or what no backend would find. */
    UNCLEAR(Optional.empty()),
    /** What the request refers to is not kept here. */
    ELSEWHERE(Optional.empty()),
    /** 404 for the model. */
    NO_DEPLOYMENT(Optional.of(Strike.NO_DEPLOYMENT));

    /** What becomes of the request. */
    enum Then {
        /** The answer goes to the client as it is. */
        GIVE,
        /** The body of the answer must be seen first. */
        READ_ON,
        /** Once more to the same backend, over a new connection. */
        SAME_AGAIN,
        NEXT,
        /** There is no answer and there will be none. */
        FAILED
    }

    private final Optional<Strike> strike;

    Ending(Optional<Strike> strike) {
        this.strike = strike;
    }

    /** What it says about the backend's health, if anything. */
    Optional<Strike> strike() {
        return strike;
    }

    /** @param written whether any byte of the request may have left */
    static Ending of(Kind kind, boolean reused, boolean written) {
        return switch (kind) {
            case NO_CREDENTIAL -> NO_CREDENTIAL;
            case CONNECT, CONNECT_TIMEOUT -> NO_CONNECTION;
            case CLOSED_BEFORE_ANSWER -> !written ? UNSENT : reused ? STALE : CLOSED;
            case CLOSED_IN_ANSWER, BAD_ANSWER -> BROKEN;
            case FIRST_BYTE_TIMEOUT -> SILENT;
        };
    }

    /**
     * By the status alone: Google sends errors as {@code text/event-stream}.
     *
     * @param ourCredential whether the backend was shown ours, not the client's own
     * @param namesModel whether the request names a model that a 404 may mean
     * @param mayBeElsewhere whether it refers to something that another backend may keep
     */
    static Ending of(int status, boolean ourCredential, boolean namesModel, boolean mayBeElsewhere) {
        return switch (status) {
            case 408, 409, 500, 502, 503, 504 -> OVERLOADED;
            case 429 -> THROTTLED;
            case 401 -> ourCredential ? UNAUTHORIZED : ANSWERED;
            case 403 -> ourCredential ? FORBIDDEN : ANSWERED;
            case 404 -> namesModel || mayBeElsewhere ? UNCLEAR : ANSWERED;
            case 400 -> mayBeElsewhere ? UNCLEAR : ANSWERED;
            default -> ANSWERED;
        };
    }

    /**
     * Whether going on counts against the retry budget. Looking for something where it may be adds to nobody's trouble, and
     * neither does what no backend has seen.
     */
    boolean isTrouble() {
        return this != ELSEWHERE && this != NO_CREDENTIAL;
    }

    /** Whether the body of the answer tells what becomes of it. */
    boolean needsBody() {
        return this == UNCLEAR;
    }

    Then then(RetryClass retryClass) {
        return switch (this) {
            case ANSWERED -> Then.GIVE;
            case NO_CREDENTIAL, NO_CONNECTION, UNSENT, THROTTLED, UNAUTHORIZED, FORBIDDEN, NO_DEPLOYMENT, ELSEWHERE ->
                Then.NEXT;
            case STALE -> retryClass.repeatable() ? Then.SAME_AGAIN : Then.FAILED;
            case CLOSED, SILENT -> retryClass.repeatable() ? Then.NEXT : Then.FAILED;
            case OVERLOADED -> retryClass.repeatable() ? Then.NEXT : Then.GIVE;
            case BROKEN -> Then.FAILED;
            case UNCLEAR -> Then.READ_ON;
        };
    }
}
