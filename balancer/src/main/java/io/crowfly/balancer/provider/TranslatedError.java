package io.crowfly.balancer.provider;

import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * A backend's error as an OpenAI client understands it.
 *
 * @param status the backend's own: each of the clouds says by it what OpenAI would
 * @param body in OpenAI's shape, not to be changed; absent where the backend's own goes on as it is, be it that it has this
 *     shape or that it can't be read
 * @param retryAfterMillis when the client may come back, from now; {@link #NO_RETRY_AFTER} if nothing tells
 */
public record TranslatedError(int status, Optional<byte[]> body, long retryAfterMillis) {

    public static final long NO_RETRY_AFTER = -1;

    /** Errors are a few hundred bytes; what is longer goes on as it is. */
    public static final int MAX_BYTES = 64 * 1024;

    /**
     * Azure has been seen to ask for a day. OpenAI's library for Java would sleep it, the one for Python gives up beyond 120
     * s, and the one for Node does not believe more than 60 s: up to this all three do as they are told. And it is one
     * backend that asks; another may well serve the client by then.
     */
    private static final long MAX_RETRY_AFTER_MILLIS = 60_000;

    private static final AsciiString RETRY_AFTER_MS = AsciiString.cached("retry-after-ms");
    private static final AsciiString X_MS_RETRY_AFTER_MS = AsciiString.cached("x-ms-retry-after-ms");

    /** What would no longer be true of another body. */
    private static final AsciiString[] BODY_HEADERS = {
        HttpHeaderNames.CONTENT_ENCODING,
        HttpHeaderNames.CONTENT_MD5,
        HttpHeaderNames.ETAG,
        AsciiString.cached("digest"),
        AsciiString.cached("content-digest"),
        AsciiString.cached("repr-digest")
    };

    /**
     * By the status alone, whatever the answer calls its content: Google sends errors as {@code text/event-stream}.
     *
     * @param status 400 or more
     * @param body all of it, and as it came; not the empty one of an answer to {@code HEAD}
     */
    public static TranslatedError translate(int status, HttpHeaders headers, byte[] body, long nowEpochMillis) {
        Optional<ErrorBody> error = decoded(headers, body).map(ErrorBody::read);
        long nanos = retryAfterNanos(status, headers, nowEpochMillis);
        if (nanos < 0) {
            nanos = error.map(ErrorBody::retryNanos).orElse(ProbeTimes.ABSENT);
        }
        return new TranslatedError(
                status,
                error.filter(its -> !its.isOpenAiShape()).map(its -> its.toOpenAiShape(status)),
                nanos < 0 ? NO_RETRY_AFTER : Math.min(TimeUnit.NANOSECONDS.toMillis(nanos), MAX_RETRY_AFTER_MILLIS));
    }

    /** Only where it is too much that was asked does the end of a quota's period say when to ask again. */
    private static long retryAfterNanos(int status, HttpHeaders headers, long nowEpochMillis) {
        boolean hasRetryAfter = headers.contains(HttpHeaderNames.RETRY_AFTER)
                || headers.contains(RETRY_AFTER_MS)
                || headers.contains(X_MS_RETRY_AFTER_MS);
        return status == 429 || hasRetryAfter ? Telemetry.retryAfterNanos(headers, nowEpochMillis) : ProbeTimes.ABSENT;
    }

    /** The body without its coding; absent where it is too long, or in a coding that the JDK doesn't have. */
    private static Optional<byte[]> decoded(HttpHeaders headers, byte[] body) {
        String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING, "").trim().toLowerCase(Locale.ROOT);
        return switch (coding) {
            case "", "identity" -> Optional.of(body).filter(its -> its.length <= MAX_BYTES);
            // Google compresses errors for whoever takes it, and every client of OpenAI's does.
            case "gzip", "x-gzip" -> unzipped(body);
            default -> Optional.empty();
        };
    }

    private static Optional<byte[]> unzipped(byte[] body) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return Optional.of(in.readNBytes(MAX_BYTES + 1)).filter(plain -> plain.length <= MAX_BYTES);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Has the answer's headers tell of this error. Changes them in place. */
    public void applyTo(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.RETRY_AFTER);
        headers.remove(RETRY_AFTER_MS);
        headers.remove(X_MS_RETRY_AFTER_MS);
        if (retryAfterMillis >= 0) {
            headers.set(RETRY_AFTER_MS, Long.toString(retryAfterMillis));
            headers.set(HttpHeaderNames.RETRY_AFTER, Long.toString((retryAfterMillis + 999) / 1000));
        }
        if (body.isPresent()) {
            for (AsciiString name : BODY_HEADERS) {
                headers.remove(name);
            }
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
            headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.get().length);
        }
    }
}
