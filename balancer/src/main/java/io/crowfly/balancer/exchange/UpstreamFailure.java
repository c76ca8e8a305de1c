package io.crowfly.balancer.exchange;

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
        CLOSED_BEFORE_ANSWER("closed before an answer"),
        /** The connection ended inside an answer. */
        CLOSED_IN_ANSWER("closed in an answer"),
        /** What came back is no HTTP, or not what was asked for. */
        BAD_ANSWER("bad answer"),
        /** The request was sent and no answer began in time. */
        FIRST_BYTE_TIMEOUT("no answer in time");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For anybody: says nothing of hosts and addresses. */
        public String words() {
            return words;
        }
    }
}
