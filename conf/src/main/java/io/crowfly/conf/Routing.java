package io.crowfly.conf;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Settings of routing, {@code routing}: how a backend is chosen for a request, and what happens if an attempt fails.
 *
 * @param rules in the file's order
 * @param exploration share of requests, from 0 to 0.1, that may go to a backend without traffic to measure its latency
 * @param panic whether a request goes to the least bad backend if every backend that it may use is unhealthy; otherwise
 *     the response is 503
 * @param hedge absent when off
 * @param unknownModels names of the backends that receive requests for models that no backend lists; empty: none
 */
public record Routing(
        Policy policy,
        Objective objective,
        Tolerance tolerance,
        TierTolerance tierTolerance,
        List<Rule> rules,
        Retry retry,
        double exploration,
        boolean panic,
        Optional<Hedge> hedge,
        List<String> unknownModels) {

    /** The defaults. */
    public static final Routing DEFAULT = new Routing(
            Policy.LOWEST_LATENCY,
            Objective.FIRST_TOKEN,
            // Smaller differences between predictions are within their error.
            new Tolerance.Share(0.05),
            new TierTolerance.Within(Duration.ofMillis(200)),
            List.of(),
            // An overloaded upstream can carry a fifth more load; Finagle has the same budget.
            new Retry(3, 0.20),
            0.01,
            true,
            Optional.empty(),
            List.of());

    public Routing {
        rules = List.copyOf(rules);
        unknownModels = List.copyOf(unknownModels);
    }
}
