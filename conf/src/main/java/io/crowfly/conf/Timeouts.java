package io.crowfly.conf;

import java.time.Duration;

/**
 * Time limits for the connections and requests of clients and backends, {@code timeouts}.
 *
 * @param head from the opening of a connection, or from the first byte of the next head, until the head of the request is
 *     complete; includes the TLS handshake
 * @param connect to a backend, including the TLS handshake
 * @param firstByte from the end of the request to the head of the response
 * @param idle without a byte in either direction: inside a body, or between requests of a client
 * @param body from the head of a request until its body has shown the fields that decide the backend
 * @param bodyWindow time of reading a body over which its rate is compared with {@link Limits#bodyRate}
 * @param keepalive without a byte of a token stream, until a comment is sent to the client; zero for never
 * @param drain for requests in flight to finish after SIGTERM or {@code POST /drain}
 */
public record Timeouts(
        Duration head,
        Duration connect,
        Duration firstByte,
        Duration idle,
        Duration body,
        Duration bodyWindow,
        Duration keepalive,
        Duration drain) {}
