package io.crowfly.balancer.affinity;

import io.crowfly.conf.State;
import java.util.Optional;

/**
 * What the process knows of where things are kept, under one conf at a time. What has been learned outlives a reload, within
 * the new conf's bounds, and so does a connection to Redis that the new conf wants as it is.
 */
public final class Affinity implements AutoCloseable {

    private final LocalHomes local = new LocalHomes(State.DEFAULT.ttl(), State.DEFAULT.ids());

    private volatile Optional<SharedHomes> shared = Optional.empty();

    /** What a conf wants, not yet in force; one that is given up holds nothing. */
    public interface Prepared {

        Homes homes();

        /** Puts it in force. Never blocks, can't fail. */
        void commit();
    }

    /**
     * Never blocks. One caller at a time.
     *
     * @throws IllegalArgumentException if the URL of Redis is none; the message does not show it
     */
    public Prepared prepare(State state) {
        Optional<SharedHomes> before = shared;
        Optional<SharedHomes> next = state.redis().map(redis -> before.filter(same -> same.serves(redis, state.ttl()))
                .orElseGet(() -> new SharedHomes(local, redis, state.ttl())));
        return new Prepared() {
            @Override
            public Homes homes() {
                return next.map(Homes.class::cast).orElse(local);
            }

            @Override
            public void commit() {
                local.bound(state.ttl(), state.ids());
                if (!next.equals(before)) {
                    shared = next;
                    next.ifPresent(SharedHomes::start);
                    before.ifPresent(SharedHomes::close);
                }
            }
        };
    }

    /** What is shared with other instances, where the conf in force wants that. */
    public Optional<SharedHomes> shared() {
        return shared;
    }

    /** How many ids this instance remembers, about. */
    public long remembered() {
        return local.size();
    }

    @Override
    public void close() {
        shared.ifPresent(SharedHomes::close);
        shared = Optional.empty();
    }
}
