package io.crowfly.conf.value;

/**
 * A pattern in which each {@code *} matches any characters, including none. Other characters match themselves; case
 * matters.
 *
 * <p>Matching allocates nothing. It backtracks only to the last {@code *}, because every earlier {@code *} has matched
 * as little as possible and the last one can match the rest. Time: the sum of both lengths usually, their product in
 * the worst case.
 */
public record Glob(String pattern) {

    private static final char ANY = '*';

    /** Whether the pattern matches exactly one text, itself. */
    public boolean isExact() {
        return pattern.indexOf(ANY) < 0;
    }

    public boolean matches(CharSequence text) {
        return matches(text, text.length());
    }

    /** @param length how many of the text's first characters are matched */
    public boolean matches(CharSequence text, int length) {
        int at = 0;
        int inPattern = 0;
        int afterStar = -1;
        int resumeAt = 0;
        while (at < length) {
            if (inPattern < pattern.length() && pattern.charAt(inPattern) == ANY) {
                afterStar = ++inPattern;
                resumeAt = at;
            } else if (inPattern < pattern.length() && pattern.charAt(inPattern) == text.charAt(at)) {
                inPattern++;
                at++;
            } else if (afterStar >= 0) {
                inPattern = afterStar;
                at = ++resumeAt;
            } else {
                return false;
            }
        }
        while (inPattern < pattern.length() && pattern.charAt(inPattern) == ANY) {
            inPattern++;
        }
        return inPattern == pattern.length();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
