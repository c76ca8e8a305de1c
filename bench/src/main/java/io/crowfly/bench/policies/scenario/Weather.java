package io.crowfly.bench.policies.scenario;

/**
 * Kind of disturbance in a scenario. With a stronger disturbance, the targets allow a larger distance from the oracle.
 */
public enum Weather {
    CALM,
    CHANGING,
    STORM,
    SATURATION,
    /** The requests of this edge are what slows a backend. */
    OWN_LOAD,
    /** Latencies are so short that the best backend changes within few requests. */
    SHORT_LATENCIES,
    /** The best backend is slow before anything else is known of it. */
    BAD_START
}
