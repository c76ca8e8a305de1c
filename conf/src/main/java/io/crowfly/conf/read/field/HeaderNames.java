package io.crowfly.conf.read.field;

import java.util.Set;
import java.util.regex.Pattern;

/** What an operator may call a header, and which ones are not the operator's. All names are lower case. */
public final class HeaderNames {

    /** RFC 9110, section 5.6.2. */
    public static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");

    /** Written by {@code credential}. */
    public static final Set<String> SET_BY_CREDENTIAL = Set.of("authorization", "api-key");

    /** All that clouds, and gateways before them, take for a client's credential. */
    public static final Set<String> CLIENT_CREDENTIALS = Set.of(
            "authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key", "x-auth-token");

    /** They belong to one connection (RFC 9110, section 7.6.1), or say where a message goes and where it ends. */
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

    private HeaderNames() {}

    /** What tells who somebody is, at any of the stations on the way. */
    public static boolean isSecret(String name) {
        return CLIENT_CREDENTIALS.contains(name) || name.equals("proxy-authorization") || name.equals("cookie");
    }
}
