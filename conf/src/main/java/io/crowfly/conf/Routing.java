package io.crowfly.conf;

import java.time.Duration;
import java.util.List;
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
            List.of());

    public Routing {
        rules = List.copyOf(rules);
        unknownModels = List.copyOf(unknownModels);
    }
}
