package io.crowfly.balancer.exchange;

import io.crowfly.balancer.message.RequestHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Check of the headers that rules look at: a backend must find the same value as the rules. */
final class RuledHeaders {

    /** Headers whose value some servers use as the path: IIS with URL rewriting, and older frameworks for PHP. */
    private static final List<String> PATH_OVERRIDES = List.of("x-original-url", "x-rewrite-url");

    private RuledHeaders() {}

    /**
     * Returns the name of the first of these headers that servers may read in different ways. There are three such
     * cases. The header was removed because {@code connection} names it. The header occurs twice, and servers use the
     * first, the last or both. Another header has the same name with underscores or the like, which some servers treat
     * as hyphens.
     *
     * @param names in lower case
     */
    static Optional<String> findAmbiguous(RequestHead head, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (head.nominated().contains(name) || occurrences(head.headers(), name) > 1) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    /** Returns the name of a header by which some servers replace the path. */
    static Optional<String> findPathOverride(HttpHeaders headers) {
        return PATH_OVERRIDES.stream().filter(headers::contains).findFirst();
    }

    /** Removes the headers of these names from trailers, because some servers add trailers to the headers. */
    static void removeFromTrailers(HttpHeaders trailers, List<String> names) {
        for (String name : names) {
            trailers.names().stream().filter(field -> isSimilar(field, name)).forEach(trailers::remove);
        }
    }

    /** Counts a header that is similar but not the same as two, because it is ambiguous even alone. */
    private static int occurrences(HttpHeaders headers, String name) {
        int count = 0;
        Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            CharSequence field = fields.next().getKey();
            if (AsciiString.contentEqualsIgnoreCase(field, name)) {
                count++;
            } else if (isSimilar(field, name)) {
                count += 2;
            }
        }
        return count;
    }

    private static boolean isSimilar(CharSequence field, String name) {
        if (field.length() != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (hyphenated(field.charAt(i)) != hyphenated(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Servers that pass headers in environment variables (CGI) replace all but letters and digits. */
    private static char hyphenated(char c) {
        return Character.isLetterOrDigit(c) ? AsciiString.toLowerCase(c) : '-';
    }
}
