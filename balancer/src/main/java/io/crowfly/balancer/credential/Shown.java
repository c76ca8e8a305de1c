package io.crowfly.balancer.credential;

import io.netty.util.AsciiString;

/** What a backend is shown to let a request in, as of one moment. Immutable. */
public sealed interface Shown {

    /** Whether it is the conf's, so that what a backend says of it is no business of the client's. */
    default boolean isOurs() {
        return !(this instanceof TheClients || this instanceof ClientSecret);
    }

    /** No credential at all, the client's own neither. */
    record Nothing() implements Shown {}

    /** The client's own, as it sent it. */
    record TheClients() implements Shown {}

    /** What the backend itself has given out for one session, and its client shows: alone of all that the client may show. */
    record ClientSecret(String value) implements Shown {

        /** Without the value. */
        @Override
        public String toString() {
            return "***";
        }
    }

    /** @param name lower case */
    record Header(AsciiString name, String value) implements Shown {

        /** Without the value, which is a secret. */
        @Override
        public String toString() {
            return name + ": ***";
        }
    }

    /** There should be one, and there is none to show. @param why for operators, in a few words; never a secret */
    record Missing(String why) implements Shown {}
}
