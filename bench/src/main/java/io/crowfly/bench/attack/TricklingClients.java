package io.crowfly.bench.attack;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** Clients that send the beginning of a head, and then one byte every ten seconds. */
final class TricklingClients extends AttackClients {

    private static final long SECONDS = 10;

    TricklingClients(int count, int opensPerSecond, EventLoop loop, int port) {
        super("trickling heads", count, 2, opensPerSecond, loop, port);
    }

    @Override
    void onOpen(Channel channel) {
        send(channel, "GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: ");
        trickle(channel);
    }

    private void trickle(Channel channel) {
        loop.schedule(
                () -> {
                    if (channel.isActive()) {
                        send(channel, "x");
                        trickle(channel);
                    }
                },
                SECONDS,
                TimeUnit.SECONDS);
    }
}
