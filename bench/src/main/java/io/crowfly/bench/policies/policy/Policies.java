package io.crowfly.bench.policies.policy;

import java.util.List;
import java.util.function.Function;

/** The compared policies, in the order of the table. */
public final class Policies {

    /** The reference of the other policies. */
    public static final String ORACLE = "oracle";

    /** Crowfly's own policy. */
    public static final String OURS = "ours";

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
            new NamedPolicy(ORACLE, Oracle::new));

    private Policies() {}

    /**
     * A policy with its name in the table.
     *
     * @param factory creates the policy of one edge, which may start to probe at once
     */
    public record NamedPolicy(String name, Function<EdgeEnvironment, SelectionPolicy> factory) {

        /** Returns whether the policy could exist outside of a simulation. */
        public boolean isRealizable() {
            return !name.equals(ORACLE);
        }
    }
}
