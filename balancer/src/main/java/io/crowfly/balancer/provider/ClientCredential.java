package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.provider.Heads.Cloud;
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

    /** What every secret that is made for one realtime session begins with. */
    private static final String SECRET_BEGINNING = "ek_";

    private static final String KEY_IN_PROTOCOLS = "openai-insecure-api-key.";

    /** As OpenAI's library for browsers says what belongs into headers, which a browser's WebSocket can't send. */
    private static final List<String> IN_PROTOCOLS =
            List.of(KEY_IN_PROTOCOLS, "openai-organization.", "openai-project.");

    private ClientCredential() {}

    /**
     * The secret for one realtime session that a browser or a phone shows in place of a key; absent where none is shown, or
     * nothing can be had for one. It may be made up.
     */
    public static Optional<Shown.ClientSecret> secret(ClientTarget target, HttpHeaders headers) {
        if (!target.opensRealtime()) {
            return Optional.empty();
        }
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        Optional<String> shown = isBearer(authorization)
                ? Optional.of(authorization.substring(BEARER.length()).trim())
                : protocols(headers)
                        .filter(protocol -> startsWith(protocol, KEY_IN_PROTOCOLS))
                        .map(protocol -> protocol.substring(KEY_IN_PROTOCOLS.length()))
                        .findFirst();
        return shown.filter(key -> key.startsWith(SECRET_BEGINNING)).map(Shown.ClientSecret::new);
    }

    static void remove(HttpHeaders headers) {
        for (AsciiString name : NAMES) {
            headers.remove(name);
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            removeFromProtocols(headers);
        }
    }

    private static void removeFromProtocols(HttpHeaders headers) {
        String kept = protocols(headers)
                .filter(protocol -> IN_PROTOCOLS.stream().noneMatch(secret -> startsWith(protocol, secret)))
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

    private static boolean startsWith(String text, String beginning) {
        return text.regionMatches(true, 0, beginning, 0, beginning.length());
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

    /** Azure takes tokens, and the secrets that it gives out, as bearers everywhere, and keys in its newer API only. */
    private static void sayAsApiKey(HttpHeaders headers) {
        String bearer = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (bearer != null
                && isBearer(bearer)
                && !bearer.startsWith(TOKEN_BEGINNING, BEARER.length())
                && !bearer.startsWith(SECRET_BEGINNING, BEARER.length())
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
