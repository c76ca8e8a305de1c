package io.crowfly.balancer.exchange;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** The exchanges of one event loop. */
public final class Exchanges {

    final int loop;
    final RequestIds requestIds = new RequestIds();
    final Consumer<Outcome> outcomes;
    private final Supplier<Snapshot> snapshots;

    /**
     * @param loop the loop's number, from 0
     * @param snapshots one volatile read
     * @param outcomes told of each exchange as it ends, on the loop
     */
    public Exchanges(int loop, Supplier<Snapshot> snapshots, Consumer<Outcome> outcomes) {
        this.loop = loop;
        this.snapshots = snapshots;
        this.outcomes = outcomes;
    }

    /** A new exchange under the present snapshot. Nothing happens before its {@link Exchange#start}. */
    public Exchange create(RequestHead head, Downstream downstream) {
        return new Exchange(this, snapshots.get(), head, downstream);
    }

    /** What is in force now. */
    public Snapshot snapshot() {
        return snapshots.get();
    }

    /** An id for a request that did not get as far as an exchange. */
    public String newRequestId() {
        return requestIds.next();
    }
}
