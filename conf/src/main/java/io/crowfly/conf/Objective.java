package io.crowfly.conf;

import java.util.Locale;

/** The latency that {@link Policy#LOWEST_LATENCY} minimises, {@code routing.objective}. */
public enum Objective {
    /** Until the first token of a streamed response, or the first byte of any other response. */
    FIRST_TOKEN,
    /** Until the end of a response of the expected length. */
    COMPLETION;

    /** The name in the conf file. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
