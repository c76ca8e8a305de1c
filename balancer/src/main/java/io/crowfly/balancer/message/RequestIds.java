package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Source of the request ids on one event loop: the client's own id, or a generated one from 60 random bits per loop and
 * a counter. Confined to the event loop.
 */
public final class RequestIds {

    public static final AsciiString HEADER = AsciiString.cached("x-request-id");

    /** Maximum length of an id that a client sends. A longer id is replaced, because it would only fill the logs. */
    private static final int MAX_LENGTH = 128;

    private final String prefix = Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 4 | 1L << 59) + '-';
    private long count;

    /** Returns the client's request id if it is present and short enough, otherwise a new one. */
    public String idFor(HttpHeaders headers) {
        String given = headers.get(HEADER);
        if (given != null && !given.isEmpty() && given.length() <= MAX_LENGTH) {
            return given;
        }
        return next();
    }

    public String next() {
        return prefix + Long.toHexString(++count);
    }
}
