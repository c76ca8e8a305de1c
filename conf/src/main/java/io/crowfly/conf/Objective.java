package io.crowfly.conf;

import java.util.Locale;

/** {@code routing.objective}: the time that {@link Policy#LOWEST_LATENCY} makes short. */
public enum Objective {
    /** Until the first token of a streamed answer, the first byte of any other. */
    FIRST_TOKEN,
    /** Until the end of the answer, as long as it is expected to be. */
    COMPLETION;

    /** The name in the conf file. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
