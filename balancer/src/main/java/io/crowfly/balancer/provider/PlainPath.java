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
        boolean onlyDots = true;
        int segmentStart = 1;
        for (int i = 1; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/') {
                if (onlyDots) {
                    return false;
                }
                onlyDots = true;
                segmentStart = i + 1;
            } else if (isPlain(c)) {
                onlyDots &= c == '.';
            } else {
                return false;
            }
        }
        // An empty segment has only dots too. The root is plain.
        return !onlyDots || segmentStart == 1 && path.length() == 1;
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || SYMBOLS.indexOf(c) >= 0;
    }
}
