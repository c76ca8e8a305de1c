package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.attempt.RetryBudget;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.conf.Conf;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Sockets of listeners between two confs. */
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
class ListenersTest {

    @Parameter
    private Transport transport = null;

    @TempDir
    private Path directory = Path.of("");

    private EventLoop loop = null;
    private Listeners listeners = null;

    static Stream<Named<Transport>> transports() {
        return Transport.available().stream().map(each -> Named.of(each.name(), each));
    }

    @BeforeEach
    void start() {
        loop = transport.newLoops(1, "test-loop").get(0);
        Exchanges exchanges = new Exchanges(
                0,
                () -> {
                    throw new NoSuchElementException("no conf is in force");
                },
                outcome -> {},
                observation -> {},
                new SplittableRandom(1),
                new RetryBudget(1),
                new HeldMemory(DirectMemory.ofJvm()),
                Runnable::run);
        listeners = new Listeners(
                transport, DirectMemory.ofJvm(), List.of(new ListenerLoop(loop, exchanges, new TimeoutSweep())));
    }

    @AfterEach
    void stop() throws Exception {
        listeners.close();
        listeners.closeConnections(TimeUnit.SECONDS.toNanos(1));
        loop.parent().shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    private Conf conf(int port) throws Exception {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), """
                listeners: [{name: public, bind: "127.0.0.1:%d"}]
                backends: [{name: a, provider: openai, url: "http://127.0.0.1:1"}]
                """.formatted(port));
        return ((ConfResult.Valid) new ConfReader(Map.of()).read(file)).conf();
    }

    private static int freePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Runs the loop long enough for all pending tasks. */
    private void runPendingTasks() throws Exception {
        for (int i = 0; i < 50; i++) {
            loop.submit(() -> {}).sync();
        }
    }

    @Test
    void acceptEarlyConnectionsOnlyOnceTheirConfIsInForce() throws Exception {
        int port = freePort();
        Listeners.Prepared prepared = listeners.prepare(conf(port));
        try (Socket early = new Socket(InetAddress.getLoopbackAddress(), port)) {
            runPendingTasks();
            assertThat(listeners.connections()).isZero();
            prepared.commit();
            await().until(() -> listeners.connections() == 1);
            assertThat(early.isClosed()).isFalse();
        }
    }

    @Test
    void areClosedWhenTheirConfIsAbandoned() throws Exception {
        int port = freePort();
        listeners.prepare(conf(port)).abandon();
        await().untilAsserted(() -> assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
                .isInstanceOf(ConnectException.class));
    }
}
