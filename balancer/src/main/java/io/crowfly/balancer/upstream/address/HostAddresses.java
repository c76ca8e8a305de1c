package io.crowfly.balancer.upstream.address;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** Present addresses of the host in a backend's URL. Thread-safe. */
public sealed interface HostAddresses permits LiteralAddress, LookedUpHost {

    /**
     * Addresses at one moment. An immutable value; the same object as long as nothing changes.
     *
     * @param addresses in the order in which RFC 8305 tries them; empty before the first result
     * @param usable these addresses, and those that were removed a short time ago, so that connections may still use
     *     them
     */
    record Snapshot(List<InetAddress> addresses, Set<InetAddress> usable) {

        static final Snapshot NONE = new Snapshot(List.of(), Set.of());
    }

    /** Returns the present snapshot, by at most one volatile read. */
    Snapshot snapshot();

    /**
     * Returns the addresses to try, in this order; empty before the first result. Addresses that failed lately are the
     * last ones.
     */
    List<InetAddress> toTry();

    /** Returns the addresses to try when they are known. The future's listeners run on the given loop. */
    Future<List<InetAddress>> firstResult(EventLoop loop);

    /** Records that an address has accepted a connection. */
    void recordConnected(InetAddress address);

    /** Records that an address has not accepted a connection, so that the address is tried last for a while. */
    void recordFailed(InetAddress address);

    /** Records that no address accepts connections. DNS is then queried within a second or two, before the TTL ends. */
    void recordNoneWorks();
}
