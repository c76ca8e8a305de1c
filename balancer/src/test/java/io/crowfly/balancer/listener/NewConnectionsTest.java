package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which sockets of one address get new connections, with the kernel of this machine. */
class NewConnectionsTest {

    private static final int CONNECTIONS = 60;

    private final AtomicInteger atOld = new AtomicInteger();
    private final AtomicInteger atNew = new AtomicInteger();
    private final List<EventLoop> loops = new ArrayList<>();

    @AfterEach
    void stop() {
        loops.forEach(loop -> loop.parent().shutdownGracefully(0, 2, TimeUnit.SECONDS));
        loops.forEach(loop -> loop.parent().terminationFuture().awaitUninterruptibly());
    }

    private Channel bind(Transport transport, int port, AtomicInteger accepted) {
        EventLoop loop = transport.newLoops(1, "test").get(0);
        loops.add(loop);
        return new ServerBootstrap()
                .group(loop)
                .channel(transport.serverSocket())
                .option(transport.reusePort(), true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.incrementAndGet();
                        channel.close();
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
    }

    private void connect(int port) throws Exception {
        int before = atOld.get() + atNew.get();
        for (int i = 0; i < CONNECTIONS; i++) {
            RawConnection.connect(port).close();
        }
        await().until(() -> atOld.get() + atNew.get() == before + CONNECTIONS);
    }

    @Test
    void allGoToTheNewSocketsAndToTheOthersAgainAfterwards() throws Exception {
        for (Transport transport : Transport.available()) {
            if (transport.name().equals("nio")) {
                continue;
            }
            Channel old = bind(transport, 0, atOld);
            int port = ((InetSocketAddress) old.localAddress()).getPort();
            Channel secondOld = bind(transport, port, atOld);
            Channel first = bind(transport, port, atNew);
            bind(transport, port, atNew);

            assertThat(NewConnections.sendTo(first, 2, 2)).as(transport.name()).isTrue();
            atOld.set(0);
            connect(port);
            assertThat(atOld).as(transport.name()).hasValue(0);

            old.close().syncUninterruptibly();
            secondOld.close().syncUninterruptibly();
            connect(port);
            NewConnections.sendToAll(first);
            Channel third = bind(transport, port, atOld);
            connect(port);
            assertThat(atOld.get()).as(transport.name()).isPositive();
            third.close().syncUninterruptibly();
        }
    }

    @Test
    void nioCannotChoose() {
        Transport nio = Transport.available().stream()
                .filter(transport -> transport.name().equals("nio"))
                .findFirst()
                .orElseThrow();
        assertThat(NewConnections.sendTo(bind(nio, 0, atOld), 0, 1)).isFalse();
    }
}
