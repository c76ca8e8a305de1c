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
 * A backend's error response, translated to OpenAI's format for the client.
 *
 * @param status the backend's own, because both clouds use statuses as OpenAI does
 * @param body in OpenAI's format, must not be changed; empty if the backend's own body passes unchanged, because it
 *     already has this format or is unreadable
 * @param retryAfterMillis delay before the client may retry, from now; {@link #NO_RETRY_AFTER} if unknown
 */
public record TranslatedError(int status, Optional<byte[]> body, long retryAfterMillis) {

    public static final long NO_RETRY_AFTER = -1;

    /**
     * Maximum size of a body that is translated. A longer body passes unchanged. Usual errors have a few hundred bytes.
     */
    public static final int MAX_BYTES = 64 * 1024;

    /**
     * Maximum of the delay for the client. Azure sometimes sends a delay of a day. OpenAI's library for Java would
     * sleep that long, the library for Python gives up beyond 120 s, and the library for Node ignores more than 60 s.
     * All three obey this value. Besides, the delay is that of one backend, and another backend may serve the client
     * earlier.
     */
    private static final long MAX_RETRY_AFTER_MILLIS = 60_000;

    private static final AsciiString RETRY_AFTER_MS = AsciiString.cached("retry-after-ms");
    private static final AsciiString X_MS_RETRY_AFTER_MS = AsciiString.cached("x-ms-retry-after-ms");

    /** Headers that describe the original body, so they would be wrong for another body. */
    private static final AsciiString[] BODY_HEADERS = {
        HttpHeaderNames.CONTENT_ENCODING,
        HttpHeaderNames.CONTENT_MD5,
        HttpHeaderNames.ETAG,
        AsciiString.cached("digest"),
        AsciiString.cached("content-digest"),
        AsciiString.cached("repr-digest")
    };

    /**
     * Translates an error response. Only the status shows that it is an error, not the content type, because Google
     * sends errors as {@code text/event-stream}.
     *
     * @param status 400 or more
     * @param body complete and unchanged; not the empty body of a response to {@code HEAD}
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

    /**
     * Returns the delay before a retry. The reset of a quota is used only for a 429, because other errors do not end
     * with the quota's period.
     */
    private static long retryAfterNanos(int status, HttpHeaders headers, long nowEpochMillis) {
        boolean hasRetryAfter = headers.contains(HttpHeaderNames.RETRY_AFTER)
                || headers.contains(RETRY_AFTER_MS)
                || headers.contains(X_MS_RETRY_AFTER_MS);
        return status == 429 || hasRetryAfter ? Telemetry.retryAfterNanos(headers, nowEpochMillis) : ProbeTimes.ABSENT;
    }

    /**
     * Decodes a compressed body.
     *
     * @return empty if the body is too long, or the JDK does not have its content coding
     */
    static Optional<byte[]> decoded(HttpHeaders headers, byte[] body) {
        String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING, "").trim().toLowerCase(Locale.ROOT);
        return switch (coding) {
            case "", "identity" -> Optional.of(body).filter(its -> its.length <= MAX_BYTES);
            // Google compresses errors if the client accepts gzip, and all OpenAI clients do.
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

    /**
     * Changes {@code headers} so that they fit this error: sets the retry delay, and replaces the headers about the
     * body.
     */
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
