package io.crowfly.conf;

/**
 * A pattern in which each {@code *} stands for any characters, none included, and everything else for itself. Case counts.
 *
 * <p>Matching allocates nothing. It goes back to the last {@code *} only: those before took as little as they could, and
 * whatever more they might take, the last one can. The worst case is the product of both lengths, the usual one their sum.
 */
public record Glob(String pattern) {

    private static final char ANY = '*';

    /** Whether it matches one text only: itself. */
    public boolean isExact() {
        return pattern.indexOf(ANY) < 0;
    }

    public boolean matches(CharSequence text) {
        return matches(text, text.length());
    }

    /** @param length how many of the text's first characters are looked at */
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
