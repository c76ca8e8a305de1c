package io.crowfly.bench.attack;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;

/** Clients that send half of a large body whose model has not come yet, so that the half must be held. */
final class HoldingClients extends AttackClients {

    private static final String START = "{\"messages\":[{\"role\":\"user\",\"content\":\"";

    private final int bodyBytes;
    private final ByteBuf half;

    /** @param bodyBytes length of the whole body */
    HoldingClients(int count, int bodyBytes, int opensPerSecond, EventLoop loop, int port) {
        super("half bodies", count, 3, opensPerSecond, loop, port);
        this.bodyBytes = bodyBytes;
        ByteBuf content = Unpooled.directBuffer(bodyBytes / 2);
        content.writeCharSequence(START, StandardCharsets.US_ASCII);
        while (content.readableBytes() < bodyBytes / 2) {
            content.writeByte('x');
        }
        half = Unpooled.unreleasableBuffer(content);
    }

    @Override
    void onOpen(Channel channel) {
        send(
                channel,
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                        + bodyBytes + "\r\n\r\n");
        channel.writeAndFlush(half.duplicate(), channel.voidPromise());
    }
}
