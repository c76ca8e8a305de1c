package io.crowfly.conf;

import java.util.Locale;

/** Method by which routing chooses one of the allowed backends, {@code routing.policy}. */
public enum Policy {
    /** Chooses the backend with the lowest predicted latency. The only policy for normal operation. */
    LOWEST_LATENCY,
    /** Chooses each backend in turn. For comparisons and emergencies only. */
    ROUND_ROBIN,
    /** Chooses the backend with the fewest requests in flight. For comparisons and emergencies only. */
    LEAST_REQUESTS,
    /** Chooses at random, with the probabilities of the backends' weights. For planned moves and emergencies. */
    WEIGHTED;

    /** Returns the value in the conf file, for example {@code lowest-latency}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
