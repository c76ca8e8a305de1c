package io.crowfly.bench.policies.scenario;

/** How rough it gets; the rougher, the further from the oracle a policy may stay. */
public enum Weather {
    CALM,
    CHANGING,
    STORM,
    SATURATION
}
