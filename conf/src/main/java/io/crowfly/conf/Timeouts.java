package io.crowfly.conf;

import java.time.Duration;

/**
 * Time limits of a request, {@code timeouts}.
 *
 * @param connect to a backend, including the TLS handshake
 * @param firstByte from the end of the request to the head of the response
 * @param idle without a byte in either direction: inside a body, or between requests of a client
 * @param body from the head of a request until its body has shown the fields that decide the backend
 * @param keepalive without a byte of a token stream, until a comment is sent to the client; zero for never
 * @param drain for requests in flight to finish after SIGTERM or {@code POST /drain}
 */
public record Timeouts(
        Duration connect, Duration firstByte, Duration idle, Duration body, Duration keepalive, Duration drain) {}
