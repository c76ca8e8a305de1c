package io.crowfly.bench.policies.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** List of the policies that {@code bench policies} compares, in the order of its tables. */
public final class Policies {

    /** Name of the policy to which all others are compared. */
    public static final String ORACLE = "oracle";

    /** Name of Crowfly's own policy. */
    public static final String OURS = "ours";

    /** Name of Crowfly's own policy with hedges. */
    public static final String OURS_HEDGED = "ours-hedged";

    public static final List<NamedPolicy> ALL = List.of(
            new NamedPolicy("round-robin", RoundRobin::new),
            new NamedPolicy("random", RandomChoice::new),
            new NamedPolicy("least-requests", LeastRequests::new),
            new NamedPolicy("peak-ewma", PeakEwma::new),
            new NamedPolicy("litellm-latency", LiteLlmLatency::averages),
            new NamedPolicy("litellm-percentile", LiteLlmLatency::percentiles),
            new NamedPolicy("prequal", Prequal::new),
            new NamedPolicy("dialogue-balanced", DialogueBalanced::new),
            new NamedPolicy("probes-only", ProbesOnly::new),
            new NamedPolicy(OURS, CrowflyPolicy::new),
            new NamedPolicy(OURS_HEDGED, CrowflyPolicy::hedged),
            new NamedPolicy(ORACLE, Oracle::new));

    private Policies() {}

    /** Returns the policy with a name, if there is one. */
    public static Optional<NamedPolicy> find(String name) {
        return ALL.stream().filter(policy -> policy.name().equals(name)).findFirst();
    }

    /**
     * Policy with its name in the tables.
     *
     * @param name its name
     * @param factory function that creates the policy of one edge; the policy may start probes at once
     */
    public record NamedPolicy(String name, Function<EdgeEnvironment, SelectionPolicy> factory) {

        /**
         * Returns whether a real balancer could have this policy. Only the oracle could not exist outside of a
         * simulation.
         */
        public boolean isRealizable() {
            return !name.equals(ORACLE);
        }
    }
}
