package io.crowfly.conf;

import java.util.Locale;

/** {@code routing.policy}: by what one of the backends is chosen that a request may go to. */
public enum Policy {
    /** The shortest predicted time, and the only policy for every day. */
    LOWEST_LATENCY,
    /** Each in its turn; for comparison and for emergencies, as is the next. */
    ROUND_ROBIN,
    /** The fewest requests in flight. */
    LEAST_REQUESTS,
    /** Shares that an operator sets; known by its name, and refused by it until it is built. */
    WEIGHTED;

    /** The name in the conf file. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
