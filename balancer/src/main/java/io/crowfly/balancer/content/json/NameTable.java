package io.crowfly.balancer.content.json;

/**
 * Table of a few ASCII names for {@link NameMatcher}. One lookup returns which names have a given byte at a given
 * position. Immutable, so that scanners share it.
 */
public final class NameTable {

    private static final int ASCII = 128;

    /** Index: position, then byte. Bit {@code n} is set if name {@code n} has this byte at this position. */
    private final int[][] withByteAt;

    /** Index: length. Bit {@code n} is set if name {@code n} has this length. */
    private final int[] withLength;

    private final int allNames;
    private final int looselyMatched;

    /** @param names at most 31; a match is reported as the index in this list */
    public NameTable(String... names) {
        this(0, names);
    }

    /**
     * Returns a table of these names. The last name is matched loosely: in any mix of lower-case and upper-case
     * letters, and also if a NUL character and any text follow it.
     */
    public static NameTable withLastMatchedLoosely(String... names) {
        return new NameTable(1 << names.length - 1, names);
    }

    /** @param looselyMatched bit {@code n} is set if name {@code n}, given in lower case, is matched loosely */
    private NameTable(int looselyMatched, String... names) {
        this.looselyMatched = looselyMatched;
        int longest = 0;
        for (String name : names) {
            longest = Math.max(longest, name.length());
        }
        withByteAt = new int[longest][ASCII];
        withLength = new int[longest + 1];
        for (int n = 0; n < names.length; n++) {
            for (int position = 0; position < names[n].length(); position++) {
                char letter = names[n].charAt(position);
                withByteAt[position][letter] |= 1 << n;
                withByteAt[position][Character.toUpperCase(letter)] |= looselyMatched & 1 << n;
            }
            withLength[names[n].length()] |= 1 << n;
        }
        allNames = (1 << names.length) - 1;
    }

    int allNames() {
        return allNames;
    }

    int looselyMatched() {
        return looselyMatched;
    }

    int withByteAt(int position, byte b) {
        return b >= 0 && position < withByteAt.length ? withByteAt[position][b] : 0;
    }

    int withLength(int length) {
        return length < withLength.length ? withLength[length] : 0;
    }
}
