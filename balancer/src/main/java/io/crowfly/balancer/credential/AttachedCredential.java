package io.crowfly.balancer.credential;

import io.netty.util.AsciiString;

/**
 * Credential that Crowfly attaches to one request for a backend: a header, the client's own credential, or none.
 * Immutable.
 */
public sealed interface AttachedCredential {

    /**
     * Returns whether the conf supplies the credential. If it does, a client must not see a backend's response about
     * the credential.
     */
    default boolean isFromConf() {
        return !(this instanceof Passthrough || this instanceof RealtimeSecret);
    }

    /** No credential is attached, and the client's own credential is removed. */
    record None() implements AttachedCredential {

        public static final None INSTANCE = new None();
    }

    /** The client's own credential is forwarded as the client sent it. */
    record Passthrough() implements AttachedCredential {}

    /**
     * Secret that the backend created for one realtime session and that the client sent. Only this credential of the
     * client is forwarded.
     */
    record RealtimeSecret(String value) implements AttachedCredential {

        /** Omits the value, which is a secret. */
        @Override
        public String toString() {
            return "***";
        }
    }

    /**
     * Credential that is attached as one header.
     *
     * @param name in lower case
     */
    record Header(AsciiString name, String value) implements AttachedCredential {

        /** Returns a text for logs, without the value, which is a secret. */
        @Override
        public String toString() {
            return name + ": ***";
        }
    }

    /**
     * The conf requires a credential, but none is available, so no request can be sent.
     *
     * @param reason for operators, in a few words; never a secret
     */
    record Missing(String reason) implements AttachedCredential {}
}
