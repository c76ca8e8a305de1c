package io.crowfly.balancer.content;

import java.nio.charset.StandardCharsets;

/**
 * Recognises one of a few ASCII names as its bytes come by. Names are compared byte by byte instead of being gathered
 * first, so that a name of any length needs no memory.
 */
final class NameMatcher {

    static final int NONE = -1;

    private final byte[][] names;

    /** Bit {@code n} is set while name {@code n} agrees with every byte so far. */
    private int candidates;

    private int length;

    /** @param names at most 31, told apart later by their position here */
    NameMatcher(String... names) {
        this.names = new byte[names.length][];
        for (int n = 0; n < names.length; n++) {
            this.names[n] = names[n].getBytes(StandardCharsets.US_ASCII);
        }
        reset();
    }

    void reset() {
        candidates = (1 << names.length) - 1;
        length = 0;
    }

    void accept(byte b) {
        int left = candidates;
        for (int rest = left; rest != 0; rest &= rest - 1) {
            int n = Integer.numberOfTrailingZeros(rest);
            if (length >= names[n].length || names[n][length] != b) {
                left &= ~(1 << n);
            }
        }
        candidates = left;
        length++;
    }

    /** No name can match any more, whatever follows. */
    void rejectAll() {
        candidates = 0;
    }

    boolean canStillMatch() {
        return candidates != 0;
    }

    /** Which name the bytes since the last reset spell out in full, or {@link #NONE}. */
    int match() {
        for (int rest = candidates; rest != 0; rest &= rest - 1) {
            int n = Integer.numberOfTrailingZeros(rest);
            if (names[n].length == length) {
                return n;
            }
        }
        return NONE;
    }
}
