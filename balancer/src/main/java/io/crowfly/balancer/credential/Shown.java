package io.crowfly.balancer.credential;

import io.netty.util.AsciiString;

/** What a backend is shown to let a request in, as of one moment. Immutable. */
public sealed interface Shown {

    /** No credential at all, the client's own neither. */
    record Nothing() implements Shown {}

    /** The client's own, as it sent it. */
    record TheClients() implements Shown {}

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
