package io.crowfly.balancer.attempt;

/**
 * Why an attempt came to nothing.
 *
 * @param reason for operators, in a few words; never a secret, never shown to clients
 */
public record UpstreamFailure(Kind kind, String reason) {

    public enum Kind {
        /** There is no credential to show. Nothing has been tried. */
        NO_CREDENTIAL("no credential"),
        /** No connection: name resolution, TCP or TLS. The request has not left. */
        CONNECT("no connection"),
        /** No connection in time. */
        CONNECT_TIMEOUT("no connection in time"),
        /** The connection ended before the first byte of an answer. */
        CLOSED_BEFORE_RESPONSE("closed before an answer"),
        /** The connection ended inside an answer. */
        CLOSED_DURING_RESPONSE("closed in an answer"),
        /** What came back is no HTTP, or not what was asked for. */
        BAD_RESPONSE("bad answer"),
        /** The request was sent and no answer began in time. */
        FIRST_BYTE_TIMEOUT("no answer in time");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        /** For anybody: says nothing of hosts and addresses. */
        public String description() {
            return description;
        }
    }
}
