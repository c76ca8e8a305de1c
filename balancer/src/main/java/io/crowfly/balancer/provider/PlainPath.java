package io.crowfly.balancer.provider;

/**
 * Check for paths that every server reads alike: non-empty segments of letters, digits and a few symbols.
 *
 * <p>Some servers decode {@code %2F} and {@code %00} before they split a path into segments. For some, a semicolon ends
 * a segment. Servers also differ in two slashes, a backslash, dot segments and a slash at the end. No id and no path of
 * the API needs any of these.
 *
 * <p>Ids consist of letters, digits, hyphens and underscores. The dot is in names such as {@code gpt-4.1}. The colon is
 * in {@code ft:gpt-4o:org::id}, and in methods such as {@code m:generateContent}. {@code @} is in versions such as
 * {@code gemini@001}, and {@code =} at the end of Base64.
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
