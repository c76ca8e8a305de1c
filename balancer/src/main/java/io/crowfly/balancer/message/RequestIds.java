package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Source of the request ids on one event loop: the client's own id, or a generated one from 60 random bits per loop and
 * a counter. Confined to the event loop.
 */
public final class RequestIds {

    public static final AsciiString HEADER = AsciiString.cached("x-request-id");

    /** Maximum length of an id that a client sends. A longer id is replaced, because it would only fill the logs. */
    private static final int MAX_LENGTH = 128;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final int MAX_COUNT_DIGITS = 16;

    /** The last id, from its start on. Only the digits of the counter change. */
    private final byte[] text;

    private final int prefixLength;
    private long count;

    public RequestIds() {
        String prefix = Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 4 | 1L << 59) + '-';
        prefixLength = prefix.length();
        text = Arrays.copyOf(prefix.getBytes(StandardCharsets.US_ASCII), prefixLength + MAX_COUNT_DIGITS);
    }

    /** Returns the client's request id if it is present and short enough, otherwise a new one. */
    public String idFor(HttpHeaders headers) {
        String given = headers.get(HEADER);
        if (given != null && !given.isEmpty() && given.length() <= MAX_LENGTH) {
            return given;
        }
        return next();
    }

    public String next() {
        count++;
        int digits = (Long.SIZE - Long.numberOfLeadingZeros(count) + 3) / 4;
        long rest = count;
        for (int i = prefixLength + digits - 1; i >= prefixLength; i--) {
            text[i] = DIGITS[(int) rest & 0xf];
            rest >>>= 4;
        }
        return new String(text, 0, prefixLength + digits, StandardCharsets.ISO_8859_1);
    }
}
