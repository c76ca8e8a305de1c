package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.AttemptContext;
import io.crowfly.balancer.attempt.RetryBudget;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.Observation;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Factory of the exchanges on one event loop, with the resources that they share. Confined to the event loop. */
public final class Exchanges {

    /** How long a client or a backend may leave sent data unread while the direct memory of the JVM is short. */
    public static final long SLOW_PEER_NANOS = TimeUnit.SECONDS.toNanos(5);

    final RequestIds requestIds = new RequestIds();
    final Consumer<Outcome> outcomes;
    final RandomGenerator random;
    final HeldMemory heldMemory;
    final AttemptContext attemptContext;
    private final Supplier<Snapshot> snapshots;

    /**
     * @param loop the event loop's number, from 0
     * @param snapshots supplies the current snapshot by one volatile read
     * @param outcomes receives the outcome of each exchange at its end, on the event loop
     * @param observations receives observations about backends, on the event loop
     * @param random used on this event loop only
     * @param retryBudget shared by all event loops
     * @param heldMemory shared by all event loops
     * @param executor the event loop itself
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
        this.snapshots = snapshots;
        this.outcomes = outcomes;
        this.random = random;
        this.heldMemory = heldMemory;
        attemptContext = new AttemptContext(loop, executor, observations, new Chooser(random), retryBudget, heldMemory);
    }

    /** Returns a new exchange under the current snapshot. The caller must call {@link Exchange#start}. */
    public Exchange create(RequestHead head, Downstream downstream) {
        return new Exchange(this, snapshots.get(), head, downstream);
    }

    /** Returns whether the direct memory of the JVM is short, so that no new work may be accepted. */
    public boolean isShortOfMemory() {
        return heldMemory.isShort();
    }

    /** Returns the current snapshot. */
    public Snapshot snapshot() {
        return snapshots.get();
    }

    /**
     * Sends an error response to a request that could not be parsed, and records its outcome, without an exchange.
     *
     * @param method the method, as far as it was parsed
     * @param target the target, as far as it was parsed
     */
    public void refuse(Downstream downstream, String method, String target, ErrorResponse response) {
        String requestId = requestIds.next();
        response.asJson().sendTo(downstream, requestId);
        outcomes.accept(new Outcome(
                requestId,
                "",
                downstream.clientAddress(),
                method,
                Outcome.path(target),
                new RequestClass(Api.forTarget(target), "", false),
                Candidates.NONE,
                Optional.empty(),
                List.of(),
                false,
                "",
                response.status(),
                Optional.of(response.code()),
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
