package io.crowfly.balancer.content.json;

/**
 * Matcher that recognises one of a few names byte by byte. The bytes are compared as they come instead of being
 * collected first, so a name of any length needs no memory.
 */
public final class NameMatcher {

    public static final int NONE = -1;

    private final NameTable names;

    /** Bit {@code n} is set while name {@code n} agrees with every byte so far. */
    private int candidates;

    private int length;

    public NameMatcher(NameTable names) {
        this.names = names;
        this.candidates = names.allNames();
    }

    public void reset() {
        candidates = names.allNames();
        length = 0;
    }

    public void accept(byte b) {
        // Without candidates the length stays the same, so that a long name cannot overflow it.
        if (candidates != 0) {
            candidates &= names.withByteAt(length++, b);
        }
    }

    /** Makes a match impossible, whatever follows. */
    void rejectAll() {
        candidates = 0;
    }

    public boolean canStillMatch() {
        return candidates != 0;
    }

    /**
     * Returns which name the bytes since the last reset spell completely (the first if several do), or {@link #NONE}.
     */
    public int match() {
        int matching = candidates & names.withLength(length);
        return matching == 0 ? NONE : Integer.numberOfTrailingZeros(matching);
    }
}
