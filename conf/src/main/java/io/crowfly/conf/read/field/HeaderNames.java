package io.crowfly.conf.read.field;

import java.util.Set;
import java.util.regex.Pattern;

/** Names of headers: their syntax, and the ones that the conf may not set. All names are lower case. */
public final class HeaderNames {

    /** RFC 9110, section 5.6.2. */
    public static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");

    /** Set by {@code credential}. */
    public static final Set<String> SET_BY_CREDENTIAL = Set.of("authorization", "api-key");

    /** Headers that clouds and their gateways accept as a client's credential. */
    public static final Set<String> CLIENT_CREDENTIALS = Set.of(
            "authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key", "x-auth-token");

    /** Headers of one connection (RFC 9110, section 7.6.1), and headers that route or frame a message. */
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

    /** Whether the header may hold a secret, for any server on the way. */
    public static boolean isSecret(String name) {
        return CLIENT_CREDENTIALS.contains(name) || name.equals("proxy-authorization") || name.equals("cookie");
    }
}
