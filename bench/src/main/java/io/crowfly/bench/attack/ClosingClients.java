package io.crowfly.bench.attack;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Clients that close their connection at a random moment: inside a head, inside a body, or while a response is awaited
 * or streamed. Half of the closes are resets.
 */
final class ClosingClients extends AttackClients {

    private static final int MAX_MILLIS = 500;
    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
    private static final String CHAT = "{\"model\":\"" + TestBed.SLOW_MODEL
            + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";
    private static final String[] BEGINNINGS = {
        POST,
        POST + "Content-Length: 1000\r\n\r\n{\"model\":\"gpt-4o\",",
        POST + "Transfer-Encoding: chunked\r\n\r\n11\r\n{\"model\":\"gpt-4o\"",
        POST + "Content-Length: " + CHAT.length() + "\r\n\r\n" + CHAT
    };

    private final SplittableRandom random = new SplittableRandom(1);

    ClosingClients(int count, int opensPerSecond, EventLoop loop, int port) {
        super("closing at random", count, 4, opensPerSecond, loop, port);
    }

    @Override
    void onOpen(Channel channel) {
        send(channel, BEGINNINGS[random.nextInt(BEGINNINGS.length)]);
        boolean reset = random.nextBoolean();
        loop.schedule(
                () -> {
                    if (reset && channel.isActive()) {
                        channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    }
                    channel.close();
                },
                random.nextInt(MAX_MILLIS),
                TimeUnit.MILLISECONDS);
    }
}
