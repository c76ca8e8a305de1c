package io.crowfly.balancer.content;

/**
 * Recognises one of a few names as its bytes come by. They are compared one by one instead of being gathered first, so that
 * a name of any length needs no memory.
 */
final class NameMatcher {

    static final int NONE = -1;

    private final Names names;

    /** Bit {@code n} is set while name {@code n} agrees with every byte so far. */
    private int candidates;

    private int length;

    NameMatcher(Names names) {
        this.names = names;
        this.candidates = names.all();
    }

    void reset() {
        candidates = names.all();
        length = 0;
    }

    void accept(byte b) {
        // Once nothing can match the length stays, so that no name is long enough to overflow it.
        if (candidates != 0) {
            candidates &= names.withByteAt(length++, b);
        }
    }

    /** No name can match any more, whatever follows. */
    void rejectAll() {
        candidates = 0;
    }

    boolean canStillMatch() {
        return candidates != 0;
    }

    /** Which name the bytes since the last reset spell out in full, the first where several do, or {@link #NONE}. */
    int match() {
        int matching = candidates & names.ofLength(length);
        return matching == 0 ? NONE : Integer.numberOfTrailingZeros(matching);
    }
}
