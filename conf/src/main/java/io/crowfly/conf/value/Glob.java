package io.crowfly.conf.value;

/**
 * Pattern for names in the conf, in which each {@code *} matches any characters, including none. Other characters match
 * themselves; case matters.
 *
 * <p>Matching allocates nothing. If a comparison fails, it is repeated only with a longer match of the last {@code *}.
 * Earlier ones keep their shortest match, because the last one can match the rest. The time is usually proportional to
 * the sum of both lengths, in the worst case to their product.
 */
public record Glob(String pattern) {

    private static final char ANY = '*';

    /** Whether the pattern contains no {@code *}, so that only the same text matches. */
    public boolean isExact() {
        return pattern.indexOf(ANY) < 0;
    }

    public boolean matches(CharSequence text) {
        return matches(text, text.length());
    }

    /**
     * Whether the beginning of a text matches.
     *
     * @param length number of characters of the text that are compared
     */
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
