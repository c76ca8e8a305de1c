package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.provider.TranslatedError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A backend's error response that is held in case no other attempt has a better one: its head and the beginning of its
 * body, by reference. Owns the held buffers. When it is full, reading from the connection stops. The rest follows if
 * the response is delivered, so that no error is truncated.
 */
final class HeldResponse {

    /** Errors are a few hundred bytes; the rest of longer ones stays in the kernel's buffer. */
    private static final int MAX_HELD_BYTES = 64 * 1024;

    final ResponseHead head;

    /** Time until a retry is useful after a 429, in nanoseconds; 0 for other statuses. */
    final long retryAfterNanos;

    private final Deque<ByteBuf> pieces = new ArrayDeque<>(2);
    private int bytes;
    private @Nullable HttpHeaders trailers;

    HeldResponse(ResponseHead head, long retryAfterNanos) {
        this.head = head;
        this.retryAfterNanos = retryAfterNanos;
    }

    /** Takes ownership of the piece. */
    void hold(ByteBuf piece) {
        bytes += piece.readableBytes();
        pieces.add(piece);
    }

    boolean isFull() {
        return bytes >= MAX_HELD_BYTES;
    }

    /** The response is complete. */
    void end(HttpHeaders withTrailers) {
        trailers = withTrailers;
    }

    /** Returns the trailers; null until the response is complete. */
    @Nullable
    HttpHeaders trailers() {
        return trailers;
    }

    /** Returns the next piece, which the caller owns; null if there is none. */
    @Nullable
    ByteBuf nextPiece() {
        return pieces.poll();
    }

    void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
    }

    /**
     * Returns the outcome of an {@linkplain AttemptOutcome#UNCLEAR unclear} response by its body.
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

    /** Returns whether the body has an error code of Azure, OpenAI or Google for an unknown model. */
    private boolean saysModelNotFound() {
        String text = text();
        return text.contains("DeploymentNotFound")
                || text.contains("model_not_found")
                || text.contains("\"NOT_FOUND\"");
    }

    /** Returns whether the response says that a referenced object was not found. */
    private boolean saysReferenceNotFound() {
        String text = text().toLowerCase(Locale.ROOT);
        return head.status() == 404
                || text.contains("not_found")
                || text.contains("not found")
                || text.contains("no such");
    }

    private String text() {
        StringBuilder text = new StringBuilder(bytes);
        // Joined, because a word may be split between two pieces.
        pieces.forEach(piece -> text.append(piece.toString(StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    boolean isWhole() {
        return trailers != null;
    }

    /**
     * Returns whether the error may be in a format that client libraries don't parse. A response to HEAD has no body.
     */
    static boolean mayNeedTranslation(Request request, Upstream upstream, ResponseHead head) {
        return head.status() >= 400
                && upstream.dialect().translatesErrors()
                && !request.head.method().equals(HttpMethod.HEAD);
    }

    /** Translates the error into OpenAI's format, if it is complete and in another format. */
    void translate() {
        if (isWhole() && bytes <= TranslatedError.MAX_BYTES) {
            TranslatedError error =
                    TranslatedError.translate(head.status(), head.headers(), bytes(), System.currentTimeMillis());
            error.applyTo(head.headers());
            error.body().ifPresent(this::replace);
        }
    }

    private void replace(byte[] body) {
        release();
        bytes = 0;
        hold(Unpooled.wrappedBuffer(body));
        end(EmptyHttpHeaders.INSTANCE);
    }

    private byte[] bytes() {
        byte[] all = new byte[bytes];
        int offset = 0;
        for (ByteBuf piece : pieces) {
            piece.getBytes(piece.readerIndex(), all, offset, piece.readableBytes());
            offset += piece.readableBytes();
        }
        return all;
    }

    /** Returns how useful the error is to the client; lower is better. Errors caused by the request are never held. */
    int errorRank() {
        return switch (head.status()) {
            case 429 -> 0;
            case 503 -> 1;
            // Is caused by the conf rather than by the request.
            case 401, 403 -> 4;
            case 404 -> 3;
            default -> 2;
        };
    }

    boolean isBetterThan(HeldResponse other) {
        return errorRank() != other.errorRank()
                ? errorRank() < other.errorRank()
                : retryAfterNanos < other.retryAfterNanos;
    }
}
