package io.crowfly.conf;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of routing, {@code routing}: how a backend is chosen for a request, and what happens if an attempt fails.
 *
 * @param rules in the file's order
 * @param exploration share of requests, from 0 to 0.1, that may go to a backend without recent traffic, so that the
 *     latency of that backend becomes known
 * @param panic whether a request is sent to the least bad backend if every backend that it may use is unhealthy;
 *     otherwise the response is 503
 * @param hedge absent: no hedging
 * @param unknownModels names of the backends that receive requests for models that no backend lists; empty: none
 * @param weights weights of backends by name, for {@link Policy#WEIGHTED}. They are not part of {@link Backend}, so
 *     that a backend whose weight changes keeps its connections and its learned state
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
        List<String> unknownModels,
        Map<String, Integer> weights) {

    private static final int DEFAULT_WEIGHT = 1;

    /** Settings that apply where the conf file gives none. */
    public static final Routing DEFAULT = new Routing(
            Policy.LOWEST_LATENCY,
            Objective.FIRST_TOKEN,
            // Two predictions that differ by less than 5 % are equal, because the error of a prediction is larger.
            new Tolerance.Share(0.05),
            new TierTolerance.Within(Duration.ofMillis(200)),
            List.of(),
            // At most 20 % of requests are retries, so that retries add at most a fifth to the load of overloaded
            // backends. Finagle has the same budget.
            new Retry(3, 0.20),
            0.01,
            true,
            Optional.empty(),
            List.of(),
            Map.of());

    public Routing {
        rules = List.copyOf(rules);
        unknownModels = List.copyOf(unknownModels);
        weights = Map.copyOf(weights);
    }

    /** Returns the weight of a backend; 0: the backend gets no first attempts while another one is open. */
    public int weight(Backend backend) {
        return weights.getOrDefault(backend.name(), DEFAULT_WEIGHT);
    }
}
