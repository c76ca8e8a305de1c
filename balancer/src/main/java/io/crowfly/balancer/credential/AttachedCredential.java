package io.crowfly.balancer.credential;

import io.netty.util.AsciiString;

/** Credential that Crowfly attaches to a request to a backend, as of one moment. Immutable. */
public sealed interface AttachedCredential {

    /**
     * Returns whether the conf supplies the credential. If so, a client must not see what the backend says about it.
     */
    default boolean isFromConf() {
        return !(this instanceof Passthrough || this instanceof RealtimeSecret);
    }

    /** No credential. The client's own credential is removed as well. */
    record None() implements AttachedCredential {}

    /** The client's own credential, as the client sent it. */
    record Passthrough() implements AttachedCredential {}

    /**
     * Secret that the backend created for one realtime session. Of all credentials that the client sent, only this one
     * passes.
     */
    record RealtimeSecret(String value) implements AttachedCredential {

        /** Omits the value, which is a secret. */
        @Override
        public String toString() {
            return "***";
        }
    }

    /** A credential in one header. @param name in lower case */
    record Header(AsciiString name, String value) implements AttachedCredential {

        /** Omits the value, which is a secret. */
        @Override
        public String toString() {
            return name + ": ***";
        }
    }

    /**
     * Credential that the conf requires but that is not available.
     *
     * @param reason for operators, in a few words; never a secret
     */
    record Missing(String reason) implements AttachedCredential {}
}
