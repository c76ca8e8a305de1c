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
 * An error that a backend gave and that the client may yet get, should nobody else do better: its head and the beginning
 * of its body, by reference. Owns what it holds. When it is full its connection is read no further; the rest follows if the
 * error is given after all, so that no error is ever cut short.
 */
final class HeldResponse {

    /** Errors are a few hundred bytes; what is longer waits in the kernel. */
    private static final int MAX_HELD_BYTES = 64 * 1024;

    final ResponseHead head;

    /** Of a 429: until the backend wants to be asked again, in nanoseconds; otherwise 0. */
    final long retryAfterNanos;

    private final Deque<ByteBuf> pieces = new ArrayDeque<>(2);
    private int bytes;
    private @Nullable HttpHeaders trailers;

    HeldResponse(ResponseHead head, long retryAfterNanos) {
        this.head = head;
        this.retryAfterNanos = retryAfterNanos;
    }

    /** Takes ownership. */
    void hold(ByteBuf piece) {
        bytes += piece.readableBytes();
        pieces.add(piece);
    }

    boolean isFull() {
        return bytes >= MAX_HELD_BYTES;
    }

    /** The answer is whole. */
    void end(HttpHeaders withTrailers) {
        trailers = withTrailers;
    }

    /** Not before the whole body is here. */
    @Nullable
    HttpHeaders trailers() {
        return trailers;
    }

    /** The next piece, given away; none when all are. */
    @Nullable
    ByteBuf nextPiece() {
        return pieces.poll();
    }

    void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
    }

    /**
     * What an {@linkplain AttemptOutcome#UNCLEAR unclear} one turns out to be by its body.
     *
     * @param namesModel whether the request names a model
     * @param mayHaveAnotherOwner whether it refers to something that another backend may keep
     */
    AttemptOutcome clarifiedOutcome(boolean namesModel, boolean mayHaveAnotherOwner) {
        if (isWhole() && head.status() == 404 && namesModel && saysModelNotFound()) {
            return AttemptOutcome.NO_DEPLOYMENT;
        }
        return mayHaveAnotherOwner && saysReferenceNotFound() ? AttemptOutcome.NOT_FOUND_HERE : AttemptOutcome.RESPONSE;
    }

    /** Whether it says that the model is what was not found, in the words of Azure, OpenAI or Google. */
    private boolean saysModelNotFound() {
        String text = text();
        return text.contains("DeploymentNotFound")
                || text.contains("model_not_found")
                || text.contains("\"NOT_FOUND\"");
    }

    /** Whether it says that something that was referred to was not found. */
    private boolean saysReferenceNotFound() {
        String text = text().toLowerCase(Locale.ROOT);
        return head.status() == 404
                || text.contains("not_found")
                || text.contains("not found")
                || text.contains("no such");
    }

    private String text() {
        StringBuilder text = new StringBuilder(bytes);
        // A word may be cut in two by the reads.
        pieces.forEach(piece -> text.append(piece.toString(StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    boolean isWhole() {
        return trailers != null;
    }

    /** Whether it may be an error that clients' libraries don't understand; a HEAD has no body to say it in. */
    static boolean mayNeedTranslation(Request request, Upstream upstream, ResponseHead head) {
        return head.status() >= 400
                && upstream.dialect().translatesErrors()
                && !request.head.method().equals(HttpMethod.HEAD);
    }

    /** Puts it into OpenAI's words, where it is whole and in others. */
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

    /** How much the client has of it: less is better. Its own errors are never held, hence come first anyway. */
    int errorRank() {
        return switch (head.status()) {
            case 429 -> 0;
            case 503 -> 1;
            // Says more about our conf than about the request.
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
