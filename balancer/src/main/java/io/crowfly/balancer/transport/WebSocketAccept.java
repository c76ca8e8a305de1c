package io.crowfly.balancer.transport;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Calculation of {@code Sec-WebSocket-Accept}, the header by which a server proves that it has processed a client's
 * WebSocket handshake (RFC 6455, section 4.2.2).
 */
public final class WebSocketAccept {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSocketAccept() {}

    /**
     * Returns the value for a client's key.
     *
     * @param key value of the client's header {@code Sec-WebSocket-Key}
     */
    public static String valueFor(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
