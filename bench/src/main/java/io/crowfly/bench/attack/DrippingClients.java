package io.crowfly.bench.attack;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Clients that send 30 KB byte by byte, at places where a balancer must hold the received bytes. One half of the
 * clients sends the value of a header, the other half the extension of a chunk.
 */
final class DrippingClients extends AttackClients {

    private static final int BYTES = 30_000;
    private static final ByteBuf ONE_BYTE =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer(1, 1).writeByte('x'));
    private static final String HEAD = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n";

    /** The open connections, with the number of bytes that they have sent. */
    private final Map<Channel, Integer> sent = new LinkedHashMap<>();

    private final ScheduledFuture<?> timer;
    private final long startNanos = System.nanoTime();
    private boolean chunkNext;
    private long drips;

    /** @param millis time between two bytes of a connection */
    DrippingClients(int count, int millis, int opensPerSecond, EventLoop loop, int port) {
        super("dripping heads and chunk lines", count, 1, opensPerSecond, loop, port);
        timer = loop.scheduleAtFixedRate(this::drip, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Returns the bytes of all connections per second, apart from the beginnings of their requests. */
    double dripsPerSecond() throws IOException, InterruptedException {
        return call(() -> drips / ((System.nanoTime() - startNanos) / 1e9));
    }

    @Override
    void onOpen(Channel channel) {
        send(channel, chunkNext ? HEAD + "Transfer-Encoding: chunked\r\n\r\n1;x=" : HEAD + "X-A: ");
        chunkNext = !chunkNext;
        sent.put(channel, 0);
    }

    @Override
    void onStop() {
        timer.cancel(false);
    }

    @Override
    void onClosed(Channel channel) {
        sent.remove(channel);
    }

    private void drip() {
        // A copy, because a connection that ends is removed at once.
        for (Channel channel : List.copyOf(sent.keySet())) {
            drips++;
            channel.writeAndFlush(ONE_BYTE.duplicate(), channel.voidPromise());
            if (sent.containsKey(channel) && sent.merge(channel, 1, Integer::sum) >= BYTES) {
                channel.close();
            }
        }
    }
}
