package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.Observation;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Tools that all attempts on one event loop share: executor, chooser, observations, retry budget.
 *
 * @param loop the event loop's number, from 0
 * @param executor the event loop itself
 * @param observations receives observations about backends; called on the event loop
 * @param chooser used on this event loop only
 * @param retryBudget shared by all event loops
 * @param heldMemory shared by all event loops
 */
public record AttemptContext(
        int loop,
        Executor executor,
        Consumer<Observation> observations,
        Chooser chooser,
        RetryBudget retryBudget,
        HeldMemory heldMemory) {}
