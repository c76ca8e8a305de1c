package io.crowfly.bench.policies.policy;

import java.util.List;
import java.util.function.Function;

/** The contestants, in the order of the table. */
public final class Policies {

    /** What the others are measured against. */
    public static final String ORACLE = "oracle";

    /** Crowfly's own. */
    public static final String OURS = "ours";

    public static final List<Named> ALL = List.of(
            new Named("round-robin", RoundRobin::new),
            new Named("random", RandomChoice::new),
            new Named("least-requests", LeastRequests::new),
            new Named("peak-ewma", PeakEwma::new),
            new Named("litellm-latency", LiteLlmLatency::averages),
            new Named("litellm-percentile", LiteLlmLatency::percentiles),
            new Named("prequal", Prequal::new),
            new Named("dialogue-balanced", DialogueBalanced::new),
            new Named("probes-only", ProbesOnly::new),
            new Named(OURS, Ours::new),
            new Named(ORACLE, Oracle::new));

    private Policies() {}

    /** @param factory makes the policy of one edge, which may begin to probe at once */
    public record Named(String name, Function<Surroundings, Policy> factory) {

        /** Whether it could be had outside of a simulation. */
        public boolean real() {
            return !name.equals(ORACLE);
        }
    }
}
