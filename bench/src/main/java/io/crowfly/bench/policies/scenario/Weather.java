package io.crowfly.bench.policies.scenario;

/**
 * The kinds of disturbance in a scenario. Targets allow a larger distance from the oracle for stronger disturbances.
 */
public enum Weather {
    CALM,
    CHANGING,
    STORM,
    SATURATION
}
