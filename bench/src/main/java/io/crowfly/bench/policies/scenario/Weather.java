package io.crowfly.bench.policies.scenario;

/**
 * Kind of disturbance in a scenario. With a stronger disturbance, the targets allow a larger distance from the oracle.
 */
public enum Weather {
    CALM,
    CHANGING,
    STORM,
    SATURATION
}
