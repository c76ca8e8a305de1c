package io.crowfly.conf;

import java.util.Locale;

/** The latency that {@link Policy#LOWEST_LATENCY} keeps low, {@code routing.objective}. */
public enum Objective {
    /** Time until the first token of a streamed response, or until the first byte of any other response. */
    FIRST_TOKEN,
    /** Time until the end of a response of the expected length. */
    COMPLETION;

    /** Returns the value in the conf file, for example {@code first-token}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
