package io.crowfly.balancer.upstream;

import io.netty.channel.EventLoop;
import java.util.List;

/**
 * The connection pools of one backend, one per event loop. They survive any number of reloads, as long as the address
 * of the backend and the trusted authority stay the same.
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

    /** Returns the pool of an event loop. Only that loop may use the pool. */
    ConnectionPool poolOf(int loop) {
        return pools.get(loop);
    }

    EventLoop loopAt(int loop) {
        return loops.get(loop);
    }

    Connector connector() {
        return connector;
    }

    /**
     * Closes idle connections now, and each other connection when its request has ended. Callable from any thread, also
     * after the end of a loop.
     */
    void retire() {
        for (int i = 0; i < loops.size(); i++) {
            if (!loops.get(i).isShuttingDown()) {
                loops.get(i).execute(pools.get(i)::retire);
            }
        }
    }
}
