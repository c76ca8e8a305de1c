package io.crowfly.balancer.exchange;

/**
 * Why an attempt came to nothing.
 *
 * @param reason for operators, in a few words; never a secret, never shown to clients
 */
public record UpstreamFailure(Kind kind, String reason) {

    public enum Kind {
        /** No connection: name resolution, TCP or TLS. The request has not left. */
        CONNECT,
        /** No connection in time. */
        CONNECT_TIMEOUT,
        /** The connection ended before the first byte of an answer. */
        CLOSED_BEFORE_ANSWER,
        /** The connection ended inside an answer. */
        CLOSED_IN_ANSWER,
        /** What came back is no HTTP, or not what was asked for. */
        BAD_ANSWER,
        /** The request was sent and no answer began in time. */
        FIRST_BYTE_TIMEOUT,
        /** A body stood still for too long. */
        IDLE_TIMEOUT
    }
}
