package io.crowfly.balancer.affinity;

import io.crowfly.conf.State;

/**
 * What the process knows of where things are kept, under one conf at a time. What has been learned outlives a reload, within
 * the new conf's bounds.
 */
public final class Affinity implements AutoCloseable {

    private final LocalHomes local = new LocalHomes(State.DEFAULT.ttl(), State.DEFAULT.ids());

    /** What a conf wants, not yet in force; nothing is held by one that is given up. */
    public interface Prepared {

        Homes homes();

        /** Puts it in force. Can't fail. */
        void commit();
    }

    /** Never blocks. One caller at a time. */
    public Prepared prepare(State state) {
        return new Prepared() {
            @Override
            public Homes homes() {
                return local;
            }

            @Override
            public void commit() {
                local.bound(state.ttl(), state.ids());
            }
        };
    }

    /** How many ids this instance remembers, about. */
    public long remembered() {
        return local.size();
    }

    @Override
    public void close() {}
}
