package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.Api;
import io.crowfly.probes.Observation;
import io.crowfly.probes.RequestClass;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The exchanges of one event loop. */
public final class Exchanges {

    final int loop;
    final RequestIds requestIds = new RequestIds();
    final Consumer<Outcome> outcomes;
    final Consumer<Observation> observations;
    final RandomGenerator random;
    final Chooser chooser;
    final RetryBudget retryBudget;
    final HeldMemory heldMemory;
    final Executor executor;
    private final Supplier<Snapshot> snapshots;

    /**
     * @param loop the loop's number, from 0
     * @param snapshots one volatile read
     * @param outcomes told of each exchange as it ends, on the loop
     * @param observations told of what attempts teach about their backends, on the loop
     * @param random the loop's own
     * @param retryBudget of all loops
     * @param heldMemory of all loops
     * @param executor the loop itself
     */
    public Exchanges(
            int loop,
            Supplier<Snapshot> snapshots,
            Consumer<Outcome> outcomes,
            Consumer<Observation> observations,
            RandomGenerator random,
            RetryBudget retryBudget,
            HeldMemory heldMemory,
            Executor executor) {
        this.loop = loop;
        this.snapshots = snapshots;
        this.outcomes = outcomes;
        this.observations = observations;
        this.random = random;
        this.retryBudget = retryBudget;
        this.heldMemory = heldMemory;
        this.executor = executor;
        chooser = new Chooser(random);
    }

    /** A new exchange under the present snapshot. Nothing happens before its {@link Exchange#start}. */
    public Exchange create(RequestHead head, Downstream downstream) {
        return new Exchange(this, snapshots.get(), head, downstream);
    }

    /** What is in force now. */
    public Snapshot snapshot() {
        return snapshots.get();
    }

    /**
     * Answers a request that is refused as it came, without an exchange.
     *
     * @param method and {@code target} as far as they were understood
     */
    public void refuse(Downstream downstream, String method, String target, ErrorAnswer answer) {
        String requestId = requestIds.next();
        answer.asJson().sendTo(downstream, requestId);
        outcomes.accept(new Outcome(
                requestId,
                "",
                downstream.client(),
                method,
                Outcome.path(target),
                new RequestClass(Api.of(target), "", false),
                Candidates.NONE,
                Optional.empty(),
                List.of(),
                false,
                "",
                answer.status(),
                Optional.of(answer.code()),
                false,
                false,
                0,
                0,
                System.currentTimeMillis(),
                -1,
                -1,
                -1,
                Optional.empty(),
                0));
    }
}
