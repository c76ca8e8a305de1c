package io.crowfly.conf.read.field;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Rules for header names in the conf: the syntax, and the names that the conf may not set. All names are lower case.
 */
public final class HeaderNameRules {

    /** Syntax of a header's name, in lower case (RFC 9110, section 5.6.2). */
    public static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");

    /**
     * Headers that carry Crowfly's credential. The conf sets them through {@code credential}, not through {@code
     * headers}.
     */
    public static final Set<String> SET_BY_CREDENTIAL = Set.of("authorization", "api-key");

    /**
     * Headers that clouds and their gateways accept as a client's credential. {@code headers.pass} may not name them.
     */
    public static final Set<String> CLIENT_CREDENTIALS = Set.of(
            "authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key", "x-auth-token");

    /**
     * Headers that apply to one connection only (RFC 9110, section 7.6.1), and headers that decide the destination or
     * the length of a message.
     */
    public static final Set<String> CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "content-length",
            "expect",
            "host");

    private HeaderNameRules() {}

    /** Whether the header may hold a secret for Crowfly, a proxy or a backend. */
    public static boolean isSecret(String name) {
        return CLIENT_CREDENTIALS.contains(name) || name.equals("proxy-authorization") || name.equals("cookie");
    }
}
