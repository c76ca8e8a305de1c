package io.crowfly.balancer.content.json;

/**
 * Matcher that finds, byte by byte, which of a few known names a text is. The bytes are compared as they are received
 * instead of being collected first, so a name of any length needs no memory.
 */
public final class NameMatcher {

    public static final int NONE = -1;

    private final NameTable names;

    /** Bit {@code n} is set while every byte so far is equal to the same byte of name {@code n}. */
    private int candidates;

    private int length;

    /** Bit {@code n} is set if a NUL character has followed the loosely matched name {@code n}. */
    private int endedByNul;

    public NameMatcher(NameTable names) {
        this.names = names;
        this.candidates = names.allNames();
    }

    public void reset() {
        candidates = names.allNames();
        length = 0;
        endedByNul = 0;
    }

    public void accept(byte b) {
        // Without candidates the length is not counted, so that a very long text cannot overflow it.
        if (candidates != 0) {
            candidates &= names.withByteAt(length++, b);
        }
    }

    /** Accepts a NUL character, at which a text ends for parsers that keep texts as C strings. */
    void acceptNul() {
        endedByNul |= candidates & names.withLength(length) & names.looselyMatched();
        candidates = 0;
    }

    /** Makes a match impossible, whatever bytes follow. */
    void rejectAll() {
        candidates = 0;
    }

    public boolean canStillMatch() {
        return candidates != 0;
    }

    /**
     * Returns the index of the name that is equal to all bytes since the last reset, or {@link #NONE}. A name that is
     * matched loosely may also be equal to the bytes before a NUL character. If several names match, the first counts.
     */
    public int match() {
        int matching = candidates & names.withLength(length) | endedByNul;
        return matching == 0 ? NONE : Integer.numberOfTrailingZeros(matching);
    }
}
