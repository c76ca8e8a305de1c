package io.crowfly.balancer.provider;

/**
 * Check for paths that every server reads alike: non-empty segments of letters, digits and a few symbols.
 *
 * <p>Servers differ in whether they decode {@code %2F} and {@code %00} before they split a path into segments; in
 * whether a semicolon ends a segment; in whether two slashes, a backslash, dot segments and a slash at the end count.
 * No id and no path of the API needs any of these. Letters, digits, hyphens and underscores are those of ids; the dot is
 * in names such as {@code gpt-4.1}, the colon in {@code ft:gpt-4o:org::id} and in methods such as {@code
 * m:generateContent}, {@code @} in versions such as {@code gemini@001}, and {@code =} at the end of Base64.
 */
final class PlainPath {

    /** Beside letters and digits. The first four are the unreserved ones (RFC 3986 section 2.3). */
    private static final String SYMBOLS = "-._~:@=";

    private PlainPath() {}

    /** @param path starts with a slash */
    static boolean isPlain(String path) {
        char last = '/';
        for (int i = 1; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/' ? !mayEndSegment(last) : !isPlain(c)) {
                return false;
            }
            last = c;
        }
        return mayEndSegment(last) || path.length() == 1;
    }

    /** Returns false for an empty segment, for a dot segment, and for a dot at the end, which Windows removes. */
    private static boolean mayEndSegment(char last) {
        return last != '/' && last != '.';
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || SYMBOLS.indexOf(c) >= 0;
    }
}
