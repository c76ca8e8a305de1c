package io.crowfly.balancer.affinity;

import io.crowfly.conf.State;
import java.util.Optional;

/**
 * Owners of stored state that this process knows, under one conf at a time. Recorded owners survive a reload, within
 * the new conf's limits. A connection to Redis survives if the new conf has the same Redis settings.
 */
public final class Affinity implements AutoCloseable {

    private final LocalOwners localOwners = new LocalOwners(State.DEFAULT.ttl(), State.DEFAULT.maxIds());

    private volatile Optional<SharedOwners> sharedOwners = Optional.empty();

    /** Affinity for a conf that is not in force yet. Holds no resources until {@link #commit}. */
    public interface Prepared {

        Owners owners();

        /** Puts the conf in force. Never blocks and never fails. */
        void commit();
    }

    /**
     * Prepares the affinity for a conf. Never blocks. Must not be called concurrently.
     *
     * @throws IllegalArgumentException if the Redis URL is invalid; the message does not contain the URL
     */
    public Prepared prepare(State state) {
        Optional<SharedOwners> previous = sharedOwners;
        Optional<SharedOwners> next = state.redis()
                .map(redis -> previous.filter(current -> current.hasConf(redis, state.ttl()))
                        .orElseGet(() -> new SharedOwners(localOwners, redis, state.ttl())));
        return new Prepared() {
            @Override
            public Owners owners() {
                return next.map(Owners.class::cast).orElse(localOwners);
            }

            @Override
            public void commit() {
                localOwners.setLimits(state.ttl(), state.maxIds());
                if (!next.equals(previous)) {
                    sharedOwners = next;
                    next.ifPresent(SharedOwners::start);
                    previous.ifPresent(SharedOwners::close);
                }
            }
        };
    }

    /** Returns the owners that are shared with other instances, if the conf in force has a Redis. */
    public Optional<SharedOwners> sharedOwners() {
        return sharedOwners;
    }

    /** Returns approximately how many ids this instance remembers. */
    public long rememberedIds() {
        return localOwners.size();
    }

    @Override
    public void close() {
        sharedOwners.ifPresent(SharedOwners::close);
        sharedOwners = Optional.empty();
    }
}
