package io.crowfly.conf;

import java.time.Duration;

/**
 * Time limits for the connections and requests of clients and backends, {@code timeouts}.
 *
 * @param head limit for the head of a request, from the opening of the connection (TLS handshake included) or from the
 *     first byte of a later head
 * @param connect limit to connect to a backend, including the TLS handshake
 * @param firstByte limit from the end of the request to the head of the response, or to the first token of a token
 *     stream
 * @param commit time after the end of a request for a token stream after which its client receives a head, if there is
 *     no token yet; zero: never
 * @param idle limit for a time without a byte in either direction: inside a body, or between requests of a client
 * @param body limit from the head of a request until the scanned part of its body contains the fields that decide the
 *     backend
 * @param bodyWindow time of reading a body over which its rate is compared with {@link Limits#bodyRate}
 * @param keepalive time without a byte of a token stream after which a comment is sent to the client; zero: never
 * @param drain time from SIGTERM or {@code POST /drain} to the end of the process, in which requests in flight may
 *     finish
 */
public record Timeouts(
        Duration head,
        Duration connect,
        Duration firstByte,
        Duration commit,
        Duration idle,
        Duration body,
        Duration bodyWindow,
        Duration keepalive,
        Duration drain) {}
