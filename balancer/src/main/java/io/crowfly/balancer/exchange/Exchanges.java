package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.Observation;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The exchanges of one event loop. */
public final class Exchanges {

    private static final Candidates NO_CANDIDATES = new Candidates(List.of(), false, Optional.empty());

    final int loop;
    final RequestIds requestIds = new RequestIds();
    final Consumer<Outcome> outcomes;
    final Consumer<Observation> observations;
    final RandomGenerator random;
    final Chooser chooser;
    private final Supplier<Snapshot> snapshots;

    /**
     * @param loop the loop's number, from 0
     * @param snapshots one volatile read
     * @param outcomes told of each exchange as it ends, on the loop
     * @param observations told of what attempts teach about their backends, on the loop
     * @param random the loop's own
     */
    public Exchanges(
            int loop,
            Supplier<Snapshot> snapshots,
            Consumer<Outcome> outcomes,
            Consumer<Observation> observations,
            RandomGenerator random) {
        this.loop = loop;
        this.snapshots = snapshots;
        this.outcomes = outcomes;
        this.observations = observations;
        this.random = random;
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
        answer.sendTo(downstream, requestId);
        outcomes.accept(new Outcome(
                requestId,
                "",
                downstream.client(),
                method,
                Outcome.path(target),
                "",
                NO_CANDIDATES,
                Optional.empty(),
                0,
                "",
                answer.status(),
                Optional.of(answer.code()),
                false,
                0,
                0,
                System.currentTimeMillis(),
                -1,
                0));
    }
}
