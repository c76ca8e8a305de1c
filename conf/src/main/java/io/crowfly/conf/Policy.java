package io.crowfly.conf;

import java.util.Locale;

/** Method of choosing one of the allowed backends, {@code routing.policy}. */
public enum Policy {
    /** The lowest predicted latency; the only policy for normal operation. */
    LOWEST_LATENCY,
    /** Each backend in turn; for comparisons and emergencies, like {@link #LEAST_REQUESTS}. */
    ROUND_ROBIN,
    /** The fewest requests in flight. */
    LEAST_REQUESTS,
    /** Shares that an operator sets. Not built yet: {@code check} refuses the name. */
    WEIGHTED;

    /** The name in the conf file. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
