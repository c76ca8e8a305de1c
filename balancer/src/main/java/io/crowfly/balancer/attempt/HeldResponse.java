package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.HeldPieces;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.provider.TranslatedError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A backend's error response that is not sent to the client yet, because another attempt may have a better one.
 * Contains the head and the beginning of the body, by reference, and owns these buffers. When the limit is reached,
 * reading from the connection stops. The rest is read when the response is sent to the client, so that no error is
 * truncated.
 */
final class HeldResponse {

    /**
     * Limit of held bytes. Most errors have a few hundred bytes. The rest of a longer one stays in the kernel's buffer.
     */
    private static final int MAX_HELD_BYTES = 64 * 1024;

    final ResponseHead head;

    /** Time after which a retry is useful, for a 429, in nanoseconds; 0 for other statuses. */
    final long retryAfterNanos;

    private final HeldPieces pieces = new HeldPieces();
    private @Nullable HttpHeaders trailers;

    HeldResponse(ResponseHead head, long retryAfterNanos) {
        this.head = head;
        this.retryAfterNanos = retryAfterNanos;
    }

    /** Adds a piece of the body. Takes ownership of the piece. */
    void hold(ByteBuf piece) {
        pieces.add(piece);
    }

    boolean isFull() {
        return pieces.bytes() >= MAX_HELD_BYTES;
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

    void release() {
        pieces.release();
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
        return pieces.toString(StandardCharsets.ISO_8859_1);
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
            TranslatedError error = TranslatedError.translate(
                    head.status(), head.headers(), pieces.toByteArray(), System.currentTimeMillis());
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
     * Returns how useful the error is to the client; lower is more useful. An error that the request itself caused is
     * sent at once, so it is not ranked here.
     */
    int errorRank() {
        return switch (head.status()) {
            case 429 -> 0;
            case 503 -> 1;
            // 401 and 403 are the least useful, because the conf causes them, not the request.
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
