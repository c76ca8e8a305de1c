package io.crowfly.balancer.attempt;

/**
 * Failure of one attempt, with its reason.
 *
 * @param reason for operators, in a few words; never contains a secret, never sent to clients
 */
public record UpstreamFailure(Kind kind, String reason) {

    public enum Kind {
        /** There is no credential to attach. Nothing was sent. */
        NO_CREDENTIAL("no credential"),
        /** No connection: name resolution, TCP or TLS failed. Nothing was sent. */
        CONNECT("no connection"),
        /** No connection in time. */
        CONNECT_TIMEOUT("no connection in time"),
        /** The connection ended before the first byte of a response. */
        CLOSED_BEFORE_RESPONSE("closed before a response"),
        /** The connection ended inside a response. */
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

        /** Returns a description without hosts and addresses, which clients may see. */
        public String description() {
            return description;
        }
    }
}
