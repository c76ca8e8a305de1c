package io.crowfly.balancer.transport;

import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names of headers that the decoders of one event loop have met before, so that a head needs no new object for each of
 * its names. Names that differ in case have separate entries. Confined to the event loop.
 */
public final class HeaderNames {

    /** Clients and backends use some hundred names. A name that shares its place with another one replaces it. */
    private static final int PLACES = 1024;

    /** Longer names are rare, and would let a peer fill the memory: {@value #PLACES} names of 64 KiB each. */
    private static final int MAX_LENGTH = 40;

    private static final FastThreadLocal<HeaderNames> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected HeaderNames initialValue() {
            return new HeaderNames();
        }
    };

    private final @Nullable AsciiString[] names = new AsciiString[PLACES];

    HeaderNames() {}

    /** Returns the names of the event loop that runs on the current thread. */
    public static HeaderNames ofThisLoop() {
        return OF_LOOP.get();
    }

    /** Returns the name that a part of a line contains. */
    public AsciiString name(byte[] line, int start, int length) {
        if (length == 0 || length > MAX_LENGTH) {
            return new AsciiString(line, start, length, true);
        }
        int place = place(line, start, length);
        AsciiString known = names[place];
        if (known == null || !isEqual(known, line, start, length)) {
            known = new AsciiString(line, start, length, true);
            names[place] = known;
        }
        return known;
    }

    /** Mixes the length with four of the bytes, by which nearly all usual names differ. */
    private static int place(byte[] line, int start, int length) {
        int hash = length;
        hash = hash * 31 + line[start];
        hash = hash * 31 + line[start + length / 3];
        hash = hash * 31 + line[start + length / 2];
        hash = hash * 31 + line[start + length - 1];
        return hash & PLACES - 1;
    }

    private static boolean isEqual(AsciiString known, byte[] line, int start, int length) {
        // A known name starts at index 0 of its array.
        byte[] bytes = known.array();
        return Arrays.equals(bytes, 0, bytes.length, line, start, start + length);
    }
}
