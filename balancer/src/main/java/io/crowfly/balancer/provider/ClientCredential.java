package io.crowfly.balancer.provider;

import io.crowfly.balancer.provider.Heads.Cloud;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What a client shows to be let in, in any of the ways in which clients do. */
final class ClientCredential {

    static final AsciiString API_KEY = AsciiString.cached("api-key");

    private static final AsciiString GOOGLE_KEY = AsciiString.cached("x-goog-api-key");
    static final AsciiString API_MANAGEMENT_KEY = AsciiString.cached("ocp-apim-subscription-key");

    private static final AsciiString[] NAMES = {
        HttpHeaderNames.AUTHORIZATION,
        API_KEY,
        GOOGLE_KEY,
        API_MANAGEMENT_KEY,
        AsciiString.cached("x-api-key"),
        AsciiString.cached("x-auth-token")
    };

    private static final String BEARER = "Bearer ";

    /** What every JSON Web Token, an Entra token for example, begins with: {@code {"}, in base64. */
    private static final String TOKEN_BEGINNING = "eyJ";

    /** As OpenAI's library for browsers says what belongs into headers, which a browser's WebSocket can't send. */
    private static final List<String> IN_PROTOCOLS =
            List.of("openai-insecure-api-key.", "openai-organization.", "openai-project.");

    private ClientCredential() {}

    static void remove(HttpHeaders headers) {
        for (AsciiString name : NAMES) {
            headers.remove(name);
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            removeFromProtocols(headers);
        }
    }

    private static void removeFromProtocols(HttpHeaders headers) {
        String offered = String.join(",", headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        String kept = Arrays.stream(offered.split(","))
                .map(String::trim)
                .filter(protocol -> IN_PROTOCOLS.stream()
                        .noneMatch(secret -> protocol.regionMatches(true, 0, secret, 0, secret.length())))
                .collect(Collectors.joining(", "));
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (!kept.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, kept);
        }
    }

    /** Says it in the way of the backend's provider, where the client has it said in another's. */
    static void say(HttpHeaders headers, Cloud cloud) {
        if (cloud == Cloud.AZURE) {
            sayAsApiKey(headers);
        } else {
            sayAsBearer(headers, API_KEY);
            if (cloud == Cloud.GOOGLE) {
                sayAsBearer(headers, GOOGLE_KEY);
            }
        }
    }

    private static void sayAsBearer(HttpHeaders headers, AsciiString name) {
        String key = headers.get(name);
        if (key != null) {
            headers.remove(name);
            if (!headers.contains(HttpHeaderNames.AUTHORIZATION)) {
                headers.set(HttpHeaderNames.AUTHORIZATION, bearer(key));
            }
        }
    }

    /** Azure takes tokens as bearers everywhere, and keys in its newer API only. */
    private static void sayAsApiKey(HttpHeaders headers) {
        String bearer = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (bearer != null
                && bearer.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && !bearer.startsWith(TOKEN_BEGINNING, BEARER.length())
                && !headers.contains(API_KEY)) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
            headers.set(API_KEY, bearer.substring(BEARER.length()).trim());
        }
    }

    static String bearer(String token) {
        return BEARER + token;
    }
}
