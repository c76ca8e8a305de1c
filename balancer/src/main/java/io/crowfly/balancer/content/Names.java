package io.crowfly.balancer.content;

/**
 * A few ASCII names, laid out so that one step tells which of them have a given byte at a given position. Immutable, so
 * that scanners share it.
 */
final class Names {

    private static final int ASCII = 128;

    /** By position, then by byte: bit {@code n} is set where name {@code n} has that byte. */
    private final int[][] withByteAt;

    /** By length. */
    private final int[] ofLength;

    private final int all;

    /** @param names at most 31, told apart later by their position here */
    Names(String... names) {
        this(0, names);
    }

    /** These, and behind them one that may be written in capitals too, in whole or in part. */
    static Names withLastInAnyCase(String... names) {
        return new Names(1 << names.length - 1, names);
    }

    /** @param inAnyCase bit {@code n} for name {@code n}, in small letters */
    private Names(int inAnyCase, String... names) {
        int longest = 0;
        for (String name : names) {
            longest = Math.max(longest, name.length());
        }
        withByteAt = new int[longest][ASCII];
        ofLength = new int[longest + 1];
        for (int n = 0; n < names.length; n++) {
            for (int position = 0; position < names[n].length(); position++) {
                char letter = names[n].charAt(position);
                withByteAt[position][letter] |= 1 << n;
                withByteAt[position][Character.toUpperCase(letter)] |= inAnyCase & 1 << n;
            }
            ofLength[names[n].length()] |= 1 << n;
        }
        all = (1 << names.length) - 1;
    }

    int all() {
        return all;
    }

    int withByteAt(int position, byte b) {
        return b >= 0 && position < withByteAt.length ? withByteAt[position][b] : 0;
    }

    int ofLength(int length) {
        return length < ofLength.length ? ofLength[length] : 0;
    }
}
