package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds and converts the credential in a client's request, and removes it from WebSocket protocols. */
public final class ClientCredential {

    static final AsciiString API_KEY = AsciiString.cached("api-key");

    private static final AsciiString GOOGLE_KEY = AsciiString.cached("x-goog-api-key");

    private static final String BEARER = "Bearer ";

    /** Beginning of every JSON Web Token, for example of an Entra token: <code>{"</code> in base64. */
    private static final String JWT_PREFIX = "eyJ";

    /** Beginning of every secret that a backend creates for one realtime session. */
    private static final String REALTIME_SECRET_PREFIX = "ek_";

    /**
     * Prefix of a WebSocket protocol that carries a key. OpenAI's library for browsers uses it, because a browser's
     * WebSocket can't send headers.
     */
    private static final String KEY_PROTOCOL_PREFIX = "openai-insecure-api-key.";

    private static final String REALTIME_PROTOCOL = "realtime";

    /** Prefix of the protocols that name a beta version. */
    private static final String BETA_PROTOCOL_PREFIX = "openai-beta.";

    private ClientCredential() {}

    /**
     * Returns the secret for one realtime session, which a browser or a phone sends in place of a key. Empty if the
     * request has none or does not open a session. A client may have invented the secret.
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

    /**
     * Removes the WebSocket protocols that are not part of OpenAI's API. Clients send credentials in the form of
     * protocols, and nothing distinguishes a credential from an unknown protocol.
     */
    static void removeFromProtocols(HttpHeaders headers) {
        String kept = protocols(headers)
                .filter(protocol -> protocol.equals(REALTIME_PROTOCOL) || startsWith(protocol, BETA_PROTOCOL_PREFIX))
                .collect(Collectors.joining(", "));
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (!kept.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, kept);
        }
    }

    /** Returns the subprotocols that the client of a WebSocket offers. */
    private static Stream<String> protocols(HttpHeaders headers) {
        String offered = String.join(",", headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        return Arrays.stream(offered.split(",")).map(String::trim);
    }

    private static boolean startsWith(String text, String prefix) {
        return text.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** Moves the client's credential to the header that the backend's provider expects. */
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

    /**
     * Moves a key from the bearer header to {@code api-key}. All Azure APIs accept tokens and realtime secrets as
     * bearer, but only the v1 API accepts keys as bearer.
     */
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
