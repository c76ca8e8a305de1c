package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.message.HeldPieces;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.provider.ErrorEvent;
import io.crowfly.balancer.provider.TranslatedError;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A backend's response that is not sent to the client yet: a token stream before its first token, or an error that
 * another attempt may replace. Contains the head and the beginning of the body, by reference, and owns these
 * buffers. When the limit is reached, reading an error from the connection stops. The rest is read when the response is
 * sent to the client, so that no error is truncated.
 */
final class HeldResponse {

    /**
     * Limit of held bytes. Most errors, and the events before most first tokens, have a few hundred bytes. The rest of
     * a longer error stays in the kernel's buffer.
     */
    private static final int MAX_HELD_BYTES = 64 * 1024;

    private static final byte[] NO_BODY = {};

    final ResponseHead head;

    private final HeldMemory memory;
    private final long memoryLimit;
    private final HeldPieces pieces = new HeldPieces();
    private long reserved;
    private boolean memoryShort;
    private @Nullable HttpHeaders trailers;

    /** Status that an error event stands for; 0 if the head's status applies. */
    private int eventStatus;

    private long retryAfterNanos;

    /**
     * @param memory account of the memory for the held bytes
     * @param memoryLimit for all that is held together, in bytes
     */
    HeldResponse(ResponseHead head, HeldMemory memory, long memoryLimit) {
        this.head = head;
        this.memory = memory;
        this.memoryLimit = memoryLimit;
    }

    /** Adds a piece of the body. Takes ownership of the piece. */
    void hold(ByteBuf piece) {
        int size = piece.readableBytes();
        if (memory.tryReserve(size, memoryLimit)) {
            reserved += size;
        } else {
            memoryShort = true;
        }
        pieces.hold(piece);
    }

    /** Returns whether no more of the response may be held. */
    boolean isFull() {
        return pieces.bytes() >= MAX_HELD_BYTES || memoryShort;
    }

    /** Sets the status that an error event in the body stands for. */
    void setEventStatus(int status) {
        eventStatus = status;
    }

    /** Returns whether an error event was received before the first token. */
    boolean hasErrorEvent() {
        return eventStatus != 0;
    }

    /** Returns whether the response is a token stream rather than an error response. */
    boolean isStream() {
        return head.status() < 300;
    }

    /** Returns the status of the response, or the status that its error event stands for. */
    int status() {
        return eventStatus == 0 ? head.status() : eventStatus;
    }

    /**
     * Sets the time after which a retry is useful, for a 429, in nanoseconds. {@link ProbeTimes#ABSENT} counts as more
     * than any time.
     */
    void setRetryAfterNanos(long nanos) {
        retryAfterNanos = nanos == ProbeTimes.ABSENT ? Long.MAX_VALUE : nanos;
    }

    /** Called when the response is complete. */
    void end(HttpHeaders withTrailers) {
        trailers = withTrailers;
    }

    /** Returns the trailers; null while the response is not complete. */
    @Nullable
    HttpHeaders trailers() {
        return trailers;
    }

    /** Removes and returns the next piece of the body, which the caller then owns; null if there is none. */
    @Nullable
    ByteBuf nextPiece() {
        return pieces.poll();
    }

    /** Releases what is still held of the body, and its memory. */
    void release() {
        pieces.release();
        memory.release(reserved);
        reserved = 0;
    }

    /**
     * Returns the outcome that the body of an {@linkplain AttemptOutcome#UNCLEAR unclear} response decides.
     *
     * @param namesModel whether the request names a model
     * @param mayHaveAnotherOwner whether the request refers to an object that another backend may keep
     */
    AttemptOutcome clarifiedOutcome(boolean namesModel, boolean mayHaveAnotherOwner) {
        if (isWhole() && head.status() == 404 && namesModel && saysModelNotFound()) {
            return AttemptOutcome.NO_DEPLOYMENT;
        }
        return mayHaveAnotherOwner && saysReferenceNotFound() ? AttemptOutcome.NOT_FOUND_HERE : AttemptOutcome.RESPONSE;
    }

    /** Returns whether the body contains an error code of Azure, OpenAI or Google for an unknown model. */
    private boolean saysModelNotFound() {
        String text = text();
        return text.contains("DeploymentNotFound")
                || text.contains("model_not_found")
                || text.contains("\"NOT_FOUND\"");
    }

    /** Returns whether the response says that an object to which the request refers was not found. */
    private boolean saysReferenceNotFound() {
        String text = text().toLowerCase(Locale.ROOT);
        return head.status() == 404
                || text.contains("not_found")
                || text.contains("not found")
                || text.contains("no such");
    }

    private String text() {
        // The pieces are joined, because a word may be split between two pieces.
        return new String(pieces.copy(), StandardCharsets.ISO_8859_1);
    }

    boolean isWhole() {
        return trailers != null;
    }

    /**
     * Returns whether the error may be in a format that OpenAI's client libraries don't parse. Never for a response to
     * HEAD, which has no body.
     */
    static boolean mayNeedTranslation(Request request, Upstream upstream, ResponseHead head) {
        return head.status() >= 400
                && upstream.dialect().translatesErrors()
                && !request.head.method().equals(HttpMethod.HEAD);
    }

    /** Translates the error into OpenAI's format, if the error is complete and in another format. */
    void translate() {
        if (isWhole() && pieces.bytes() <= TranslatedError.MAX_BYTES) {
            TranslatedError error =
                    TranslatedError.translate(head.status(), head.headers(), pieces.copy(), System.currentTimeMillis());
            error.applyTo(head.headers());
            error.body().ifPresent(this::replace);
        }
    }

    private void replace(byte[] body) {
        release();
        hold(Unpooled.wrappedBuffer(body));
        end(EmptyHttpHeaders.INSTANCE);
    }

    /**
     * Returns the error as events, for a client that has already received the head of a stream. The events of a stream
     * that has failed are its own.
     */
    byte[] asEvents(Api api) {
        if (hasErrorEvent()) {
            return pieces.copy();
        }
        return isStream()
                ? ErrorEvent.interrupted(api)
                : ErrorEvent.ofResponse(api, head.status(), head.headers(), isWhole() ? pieces.copy() : NO_BODY);
    }

    /**
     * Returns how useful the error is to the client; lower is more useful. An error that the request itself caused is
     * sent at once, so it is not ranked here.
     */
    int errorRank() {
        return switch (status()) {
            case 429 -> 0;
            case 503 -> 1;
            // 401 and 403 are the least useful, because the conf causes them, not the request.
            case 401, 403 -> 4;
            case 404 -> 3;
            // A stream without a token: clients would take it for a result.
            case 200 -> 5;
            default -> 2;
        };
    }

    boolean isBetterThan(HeldResponse other) {
        return errorRank() != other.errorRank()
                ? errorRank() < other.errorRank()
                : retryAfterNanos < other.retryAfterNanos;
    }
}
