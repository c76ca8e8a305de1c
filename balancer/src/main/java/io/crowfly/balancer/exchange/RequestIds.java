package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.concurrent.ThreadLocalRandom;

/** Keeps the id that a client gave its request, or makes one: 60 random bits for each loop and a count behind them. */
final class RequestIds {

    static final AsciiString HEADER = AsciiString.cached("x-request-id");

    /** A longer one would only fill logs. */
    private static final int LONGEST_KEPT = 128;

    private final String prefix = Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 4 | 1L << 59) + '-';
    private long count;

    /** Not for two threads at once. */
    String of(HttpHeaders headers) {
        String given = headers.get(HEADER);
        if (given != null && !given.isEmpty() && given.length() <= LONGEST_KEPT) {
            return given;
        }
        return next();
    }

    String next() {
        return prefix + Long.toHexString(++count);
    }
}
