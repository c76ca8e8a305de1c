package io.crowfly.balancer.upstream.address;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** The IP address in a URL without a host name. */
record LiteralAddress(Snapshot snapshot) implements HostAddresses {

    LiteralAddress(InetAddress address) {
        this(new Snapshot(List.of(address), Set.of(address)));
    }

    @Override
    public List<InetAddress> toTry() {
        return snapshot.addresses();
    }

    @Override
    public Future<List<InetAddress>> firstResult(EventLoop loop) {
        return loop.newSucceededFuture(snapshot.addresses());
    }

    @Override
    public void recordConnected(InetAddress address) {}

    @Override
    public void recordFailed(InetAddress address) {}

    @Override
    public void recordNoneWorks() {}
}
