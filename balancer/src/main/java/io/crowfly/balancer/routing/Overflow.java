package io.crowfly.balancer.routing;

/** Reason for sending a request to a tier although a tier with a lower number may serve it. */
public enum Overflow {
    /** No backend of the lower tiers is open. */
    UNAVAILABLE("unavailable"),
    /** The lower tiers are slower than the tolerance allows, even for a single request. */
    SLOWER("slower"),
    /**
     * Our own requests in flight make the lower tier slower than the tolerance allows, or the tier is in slow start.
     */
    LOAD("load");

    private final String label;

    Overflow(String label) {
        this.label = label;
    }

    /** Returns the value of the metric's label {@code reason}. */
    public String label() {
        return label;
    }
}
