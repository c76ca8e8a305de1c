package io.crowfly.balancer.attempt;

/**
 * Failure of one attempt to get a complete response, with its kind and reason.
 *
 * @param reason for operators, in a few words; never contains a secret, never sent to clients
 */
public record UpstreamFailure(Kind kind, String reason) {

    public enum Kind {
        /** There is no credential to attach. Nothing was sent. */
        NO_CREDENTIAL("no credential"),
        /** There is no connection, because name resolution, TCP or TLS failed. Nothing was sent. */
        CONNECT("no connection"),
        /** No connection was established in time. Nothing was sent. */
        CONNECT_TIMEOUT("no connection in time"),
        /** The connection was closed before the first byte of a response. */
        CLOSED_BEFORE_RESPONSE("closed before a response"),
        /** The connection was closed inside a response. */
        CLOSED_DURING_RESPONSE("closed during a response"),
        /** The response is not valid HTTP, or does not fit the request. */
        BAD_RESPONSE("bad response"),
        /** The request was sent, but no response began in time. */
        FIRST_BYTE_TIMEOUT("no response in time"),
        /** The body of an error, which the next step depends on, was not complete in time. */
        ERROR_STALLED("error response stalled");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        /** Returns a description that clients may see, because it contains no hosts and addresses. */
        public String description() {
            return description;
        }
    }
}
