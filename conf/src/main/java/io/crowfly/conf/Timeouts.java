package io.crowfly.conf;

import java.time.Duration;

/**
 * Time limits for the connections and requests of clients and backends, {@code timeouts}.
 *
 * @param connect limit to connect to a backend, including the TLS handshake
 * @param firstByte limit from the end of the request to the head of the response
 * @param idle limit for a time without a byte in either direction: inside a body, or between requests of a client
 * @param body limit from the head of a request until the scanned part of its body contains the fields that decide the
 *     backend
 * @param keepalive time without a byte of a token stream after which a comment is sent to the client; zero: never
 * @param drain time for requests in flight to finish after SIGTERM or {@code POST /drain}
 */
public record Timeouts(
        Duration connect, Duration firstByte, Duration idle, Duration body, Duration keepalive, Duration drain) {}
