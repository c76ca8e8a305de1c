package io.crowfly.balancer.affinity;

import io.crowfly.conf.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Recorded owners of stored state (which backend keeps which response or file), and their settings in the conf in
 * force. Recorded owners survive a reload, within the new conf's limits. A connection to Redis survives if the new conf
 * has the same Redis settings.
 */
public final class Affinity implements AutoCloseable {

    private final LocalOwners localOwners = new LocalOwners(State.DEFAULT.ttl(), State.DEFAULT.maxIds());

    private volatile Optional<SharedOwners> sharedOwners = Optional.empty();

    /** Owners under a conf that is not in force yet. Holds no resources until {@link #commit}. */
    public interface Prepared {

        Owners owners();

        /**
         * Puts the conf in force: sets the limits, and opens or closes the connection to Redis. Never blocks and never
         * fails.
         */
        void commit();
    }

    /**
     * Prepares the owners for a conf. Never blocks. Calls must not overlap.
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

    /** Returns the owners that are shared with other instances; empty if the conf in force has no Redis. */
    public Optional<SharedOwners> sharedOwners() {
        return sharedOwners;
    }

    /** Returns approximately the number of ids whose owner this instance remembers. */
    public long rememberedIds() {
        return localOwners.size();
    }

    /**
     * Returns the owners of the most recently used ids: id and backend in turn, the latest first. Blocks while they are
     * copied.
     */
    public List<String> latest(int maxIds) {
        List<String> list = new ArrayList<>();
        localOwners.latest(maxIds).forEach((id, backend) -> {
            list.add(id);
            list.add(backend);
        });
        return list;
    }

    /**
     * Records owners that another process has recorded.
     *
     * @param list from {@link #latest}
     * @param backends names of the backends of this process; the owners of other backends are skipped
     */
    public void inherit(List<String> list, Set<String> backends) {
        // From the end, because the latest id must be the last one used here too.
        for (int i = list.size() / 2 * 2 - 2; i >= 0; i -= 2) {
            String id = list.get(i);
            String backend = list.get(i + 1);
            if (backends.contains(backend) && StateIdFormat.isWellFormed(id)) {
                localOwners.put(id, backend);
            }
        }
    }

    @Override
    public void close() {
        sharedOwners.ifPresent(SharedOwners::close);
        sharedOwners = Optional.empty();
    }
}
