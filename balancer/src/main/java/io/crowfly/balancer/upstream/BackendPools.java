package io.crowfly.balancer.upstream;

import io.netty.channel.EventLoop;
import java.util.List;

/**
 * One backend's pools, a pool for each loop. They live as long as the backend's address and trust stay the same, over any
 * number of reloads.
 */
final class BackendPools {

    private final List<EventLoop> loops;
    private final List<ConnectionPool> pools;
    private final Connector connector;

    BackendPools(List<EventLoop> loops, Connector connector) {
        this.loops = loops;
        this.connector = connector;
        pools = loops.stream().map(loop -> new ConnectionPool(loop, connector)).toList();
    }

    /** To be used on that loop only. */
    ConnectionPool poolOf(int loop) {
        return pools.get(loop);
    }

    EventLoop loopAt(int loop) {
        return loops.get(loop);
    }

    Connector connector() {
        return connector;
    }

    /** Lets idle connections go now and the others as they come back. Any thread. */
    void retire() {
        for (int i = 0; i < loops.size(); i++) {
            loops.get(i).execute(pools.get(i)::retire);
        }
    }
}
