package io.crowfly.conf;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code routing}: how one backend is chosen for a request, and what happens if that goes wrong.
 *
 * @param rules in the file's order
 * @param exploration the share of requests, from 0 to 0.1, that may be spent on learning about backends that get none
 * @param panic with every backend unhealthy that a request may use: whether it goes to the least bad of them rather than
 *     being answered 503
 * @param hedge absent when off
 * @param unknownModels names of the backends that take requests for models that no backend lists; empty: nobody does
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

    /** What holds where a file says nothing. */
    public static final Routing DEFAULT = new Routing(
            Policy.LOWEST_LATENCY,
            Objective.FIRST_TOKEN,
            // Closer predictions than this are the same: their own errors are as large.
            new Tolerance.Share(0.05),
            new TierTolerance.Within(Duration.ofMillis(200)),
            List.of(),
            // A fifth more load is what an upstream in trouble can bear; Finagle's budget is the same.
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
