package io.crowfly.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void streamsToEveryClient() throws IOException, InterruptedException {
        try (EventStreamServer server = EventStreamServer.start(loop);
                EventStreamClients clients = EventStreamClients.open(loop, server.port(), "/sse", 20)) {
            await().until(() -> clients.streaming() == 20 && clients.events() >= 100);

            assertThat(clients.reads()).isPositive();
            assertThat(clients.failed()).isZero();
        }
    }

    @Test
    void countsRefusedClientsAsFailedAndNotAsStreaming() throws IOException {
        HttpServer refusing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        refusing.createContext("/", exchange -> {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        refusing.start();
        try (EventStreamClients clients =
                EventStreamClients.open(loop, refusing.getAddress().getPort(), "/sse", 3)) {
            await().until(() -> clients.failed() == 3);

            assertThat(clients.streaming()).isZero();
            assertThat(clients.events()).isZero();
        } finally {
            refusing.stop(0);
        }
    }
}
