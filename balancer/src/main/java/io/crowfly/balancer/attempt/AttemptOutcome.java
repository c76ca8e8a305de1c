package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.message.RetryClass;
import io.crowfly.probes.Observation.FailureKind;
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
enum AttemptOutcome {
    /** An answer that is the client's: a good one, or an error that any backend would give. */
    RESPONSE(Optional.empty()),
    /** We have nothing to show to the backend. */
    NO_CREDENTIAL(Optional.empty()),
    /** The request has not left. */
    NO_CONNECTION(Optional.of(FailureKind.UNREACHABLE)),
    /** The connection ended before anything of the request had been written. */
    NOT_WRITTEN(Optional.empty()),
    /** A connection that had been used before ended unanswered: the backend had most likely closed it just then. */
    STALE_CONNECTION(Optional.empty()),
    /** A new connection ended before the first byte of an answer. */
    NO_RESPONSE(Optional.of(FailureKind.ERROR)),
    /** No answer in time. */
    TIMED_OUT(Optional.of(FailureKind.TIMED_OUT)),
    /** The answer had begun and broke off, or was none. Somebody has worked on it, and may have sent a part of it. */
    BROKEN(Optional.of(FailureKind.INTERRUPTED)),
    /** 408, 409, or one of the 5xx that another backend may not give. */
    OVERLOADED(Optional.of(FailureKind.ERROR)),
    /** 429: refused before it was worked on. */
    THROTTLED(Optional.empty()),
    /** 401 to our credential. */
    UNAUTHORIZED(Optional.of(FailureKind.UNAUTHORIZED)),
    /** 403 to our credential. */
    FORBIDDEN(Optional.of(FailureKind.FORBIDDEN)),
    /** Something was not found: a model, what the request refers to and nobody has seen, or what no backend would find. */
    UNCLEAR(Optional.empty()),
    /** What the request refers to is not kept here. */
    NOT_FOUND_HERE(Optional.empty()),
    /** 404 for the model. */
    NO_DEPLOYMENT(Optional.of(FailureKind.NO_DEPLOYMENT));

    /** What becomes of the request. */
    enum NextStep {
        /** The answer goes to the client as it is. */
        DELIVER,
        /** The body of the answer must be seen first. */
        READ_BODY,
        /** Once more to the same backend, over a new connection. */
        SAME_BACKEND,
        NEXT_BACKEND,
        /** There is no answer and there will be none. */
        FAIL
    }

    private final Optional<FailureKind> strike;

    AttemptOutcome(Optional<FailureKind> strike) {
        this.strike = strike;
    }

    /** What it says about the backend's health, if anything. */
    Optional<FailureKind> strike() {
        return strike;
    }

    /** @param written whether any byte of the request may have left */
    static AttemptOutcome of(Kind kind, boolean reused, boolean written) {
        return switch (kind) {
            case NO_CREDENTIAL -> NO_CREDENTIAL;
            case CONNECT, CONNECT_TIMEOUT -> NO_CONNECTION;
            case CLOSED_BEFORE_RESPONSE -> !written ? NOT_WRITTEN : reused ? STALE_CONNECTION : NO_RESPONSE;
            case CLOSED_DURING_RESPONSE, BAD_RESPONSE -> BROKEN;
            case FIRST_BYTE_TIMEOUT -> TIMED_OUT;
        };
    }

    /**
     * By the status alone: Google sends errors as {@code text/event-stream}.
     *
     * @param ourCredential whether the backend was shown ours, not the client's own
     * @param namesModel whether the request names a model that a 404 may mean
     * @param mayBeElsewhere whether it refers to something that another backend may keep
     */
    static AttemptOutcome of(int status, boolean ourCredential, boolean namesModel, boolean mayBeElsewhere) {
        return switch (status) {
            case 408, 409, 500, 502, 503, 504 -> OVERLOADED;
            case 429 -> THROTTLED;
            case 401 -> ourCredential ? UNAUTHORIZED : RESPONSE;
            case 403 -> ourCredential ? FORBIDDEN : RESPONSE;
            case 404 -> namesModel || mayBeElsewhere ? UNCLEAR : RESPONSE;
            case 400 -> mayBeElsewhere ? UNCLEAR : RESPONSE;
            default -> RESPONSE;
        };
    }

    /**
     * Whether going on counts against the retry budget. Looking for something where it may be adds to nobody's trouble, and
     * neither does what no backend has seen.
     */
    boolean countsAgainstBudget() {
        return this != NOT_FOUND_HERE && this != NO_CREDENTIAL;
    }

    /** Whether the body of the answer tells what becomes of it. */
    boolean needsBody() {
        return this == UNCLEAR;
    }

    NextStep nextStep(RetryClass retryClass) {
        return switch (this) {
            case RESPONSE -> NextStep.DELIVER;
            case NO_CREDENTIAL,
                    NO_CONNECTION,
                    NOT_WRITTEN,
                    THROTTLED,
                    UNAUTHORIZED,
                    FORBIDDEN,
                    NO_DEPLOYMENT,
                    NOT_FOUND_HERE -> NextStep.NEXT_BACKEND;
            case STALE_CONNECTION -> retryClass.repeatable() ? NextStep.SAME_BACKEND : NextStep.FAIL;
            case NO_RESPONSE, TIMED_OUT -> retryClass.repeatable() ? NextStep.NEXT_BACKEND : NextStep.FAIL;
            case OVERLOADED -> retryClass.repeatable() ? NextStep.NEXT_BACKEND : NextStep.DELIVER;
            case BROKEN -> NextStep.FAIL;
            case UNCLEAR -> NextStep.READ_BODY;
        };
    }
}
