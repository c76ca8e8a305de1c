package io.crowfly.balancer.attempt;

import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.Observation;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Resources that all attempts on one event loop share.
 *
 * @param loop the loop's number, from 0
 * @param executor the loop itself
 * @param observations receives what attempts measure at their backends, on the loop
 * @param chooser the loop's own
 * @param retryBudget shared by all loops
 */
public record AttemptContext(
        int loop, Executor executor, Consumer<Observation> observations, Chooser chooser, RetryBudget retryBudget) {}
