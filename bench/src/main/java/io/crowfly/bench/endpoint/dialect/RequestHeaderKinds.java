package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Classification of request headers for a simulated endpoint: which headers are custom, and which contain a credential.
 */
public final class RequestHeaderKinds {

    private static final Set<String> CREDENTIALS = Set.of(
            "api-key", "authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token", "x-goog-api-key");

    /**
     * Header with the key of Azure API Management. It may accompany the credential of the backend behind the gateway,
     * so it is not counted as a second credential.
     */
    private static final String GATEWAY_KEY = "ocp-apim-subscription-key";

    /** Headers of HTTP itself, and Azure's key. All other headers are custom. */
    private static final Set<String> STANDARD = Set.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "api-key",
            "authorization",
            "cache-control",
            "connection",
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
            "cookie",
            "date",
            "expect",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "origin",
            "pragma",
            "range",
            "referer",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    private RequestHeaderKinds() {}

    static int countCustom(HttpHeaders headers) {
        int custom = 0;
        for (Map.Entry<String, String> header : headers) {
            if (!STANDARD.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                custom++;
            }
        }
        return custom;
    }

    static int countCredentials(HttpHeaders headers) {
        int credentials = 0;
        for (Map.Entry<String, String> header : headers) {
            if (CREDENTIALS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                credentials++;
            }
        }
        return credentials;
    }

    public static Map<String, String> withoutCredentials(HttpHeaders headers) {
        Map<String, String> redacted = new TreeMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean secret = CREDENTIALS.contains(name) || name.equals(GATEWAY_KEY);
            redacted.merge(name, secret ? "present" : header.getValue(), (a, b) -> a + ", " + b);
        }
        return redacted;
    }
}
