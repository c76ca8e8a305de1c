package io.crowfly.balancer.content.request;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Format of a request's body, as far as its content type shows. */
public enum BodyFormat {
    JSON,
    /**
     * May be JSON: the content type is absent or curl's default one, {@code application/x-www-form-urlencoded}. Some
     * servers would read fields of such a form in the text of the JSON.
     */
    UNDECLARED_JSON,
    /**
     * A form, or another kind of multipart body, which some servers read as a form. Some servers search the whole
     * header for the type.
     */
    FORM,
    /** A format that no scanner reads. */
    OTHER;

    private static final Pattern CHARSET = Pattern.compile("charset(?:\\s*=\\s*\"?([^\";,\\s]*))?");

    private static final AsciiString MULTIPART = AsciiString.cached("multipart");

    /** @param contentTypes all values of the header */
    public static BodyFormat of(List<String> contentTypes) {
        if (contentTypes.isEmpty()) {
            return UNDECLARED_JSON;
        }
        // A loop, because a stream allocates, and nearly every request has a body.
        for (String type : contentTypes) {
            if (isMultipart(type)) {
                return FORM;
            }
        }
        // With two types, a server may use either.
        return contentTypes.size() == 1 ? of(contentTypes.get(0).toLowerCase(Locale.ROOT)) : OTHER;
    }

    private static boolean isMultipart(String type) {
        return AsciiString.containsIgnoreCase(type, MULTIPART);
    }

    private static BodyFormat of(String type) {
        if (type.isEmpty() || type.contains("x-www-form-urlencoded")) {
            return UNDECLARED_JSON;
        }
        return type.contains("json") && isAsciiCompatible(type) ? JSON : OTHER;
    }

    /** Returns whether a server that decodes the body as declared reads the same keys and names as in UTF-8. */
    private static boolean isAsciiCompatible(String type) {
        if (type.contains("charset")) {
            for (Matcher charset = CHARSET.matcher(type); charset.find(); ) {
                if (charset.group(1) == null || !TextEncoding.isAsciiCompatible(charset.group(1))) {
                    return false;
                }
            }
        }
        return true;
    }
}
