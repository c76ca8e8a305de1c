package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.provider.RequestHeaders.Cloud;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a client shows to be let in, in any of the ways in which clients do. */
public final class ClientCredential {

    static final AsciiString API_KEY = AsciiString.cached("api-key");

    private static final AsciiString GOOGLE_KEY = AsciiString.cached("x-goog-api-key");
    static final AsciiString API_MANAGEMENT_KEY = AsciiString.cached("ocp-apim-subscription-key");

    private static final AsciiString[] HEADER_NAMES = {
        HttpHeaderNames.AUTHORIZATION,
        API_KEY,
        GOOGLE_KEY,
        API_MANAGEMENT_KEY,
        AsciiString.cached("x-api-key"),
        AsciiString.cached("x-auth-token")
    };

    private static final String BEARER = "Bearer ";

    /** What every JSON Web Token, an Entra token for example, begins with: {@code {"}, in base64. */
    private static final String JWT_PREFIX = "eyJ";

    /** What every secret that is made for one realtime session begins with. */
    private static final String REALTIME_SECRET_PREFIX = "ek_";

    private static final String KEY_PROTOCOL_PREFIX = "openai-insecure-api-key.";

    /** As OpenAI's library for browsers says what belongs into headers, which a browser's WebSocket can't send. */
    private static final List<String> CREDENTIAL_PROTOCOL_PREFIXES =
            List.of(KEY_PROTOCOL_PREFIX, "openai-organization.", "openai-project.");

    private ClientCredential() {}

    /**
     * The secret for one realtime session that a browser or a phone shows in place of a key; absent where none is shown, or
     * nothing can be had for one. It may be made up.
     */
    public static Optional<AttachedCredential.RealtimeSecret> realtimeSecret(ClientTarget target, HttpHeaders headers) {
        if (!target.opensRealtime()) {
            return Optional.empty();
        }
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        Optional<String> token = isBearer(authorization)
                ? Optional.of(authorization.substring(BEARER.length()).trim())
                : protocols(headers)
                        .filter(protocol -> startsWith(protocol, KEY_PROTOCOL_PREFIX))
                        .map(protocol -> protocol.substring(KEY_PROTOCOL_PREFIX.length()))
                        .findFirst();
        return token.filter(key -> key.startsWith(REALTIME_SECRET_PREFIX)).map(AttachedCredential.RealtimeSecret::new);
    }

    static void remove(HttpHeaders headers) {
        for (AsciiString name : HEADER_NAMES) {
            headers.remove(name);
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            removeFromProtocols(headers);
        }
    }

    private static void removeFromProtocols(HttpHeaders headers) {
        String kept = protocols(headers)
                .filter(protocol ->
                        CREDENTIAL_PROTOCOL_PREFIXES.stream().noneMatch(prefix -> startsWith(protocol, prefix)))
                .collect(Collectors.joining(", "));
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (!kept.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, kept);
        }
    }

    /** What a WebSocket's client offers. */
    private static Stream<String> protocols(HttpHeaders headers) {
        String offered = String.join(",", headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        return Arrays.stream(offered.split(",")).map(String::trim);
    }

    private static boolean startsWith(String text, String prefix) {
        return text.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** Says it in the way of the backend's provider, where the client has it said in another's. */
    static void convertTo(HttpHeaders headers, Cloud cloud) {
        if (cloud == Cloud.AZURE) {
            moveToApiKey(headers);
        } else {
            moveToBearer(headers, API_KEY);
            if (cloud == Cloud.GOOGLE) {
                moveToBearer(headers, GOOGLE_KEY);
            }
        }
    }

    private static void moveToBearer(HttpHeaders headers, AsciiString name) {
        String key = headers.get(name);
        if (key != null) {
            headers.remove(name);
            if (!headers.contains(HttpHeaderNames.AUTHORIZATION)) {
                headers.set(HttpHeaderNames.AUTHORIZATION, bearer(key));
            }
        }
    }

    /** Azure takes tokens, and the secrets that it gives out, as bearers everywhere, and keys in its newer API only. */
    private static void moveToApiKey(HttpHeaders headers) {
        String bearer = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (bearer != null
                && isBearer(bearer)
                && !bearer.startsWith(JWT_PREFIX, BEARER.length())
                && !bearer.startsWith(REALTIME_SECRET_PREFIX, BEARER.length())
                && !headers.contains(API_KEY)) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
            headers.set(API_KEY, bearer.substring(BEARER.length()).trim());
        }
    }

    private static boolean isBearer(String authorization) {
        return startsWith(authorization, BEARER);
    }

    static String bearer(String token) {
        return BEARER + token;
    }
}
