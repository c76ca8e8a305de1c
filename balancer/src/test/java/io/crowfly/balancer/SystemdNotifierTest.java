package io.crowfly.balancer;

import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notifications of a balancer, received as systemd receives them: on a datagram socket in the file system. */
class SystemdNotifierTest {

    @TempDir
    Path directory;

    private Socket systemd;
    private final List<String> received = new ArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        assertThat(Epoll.isAvailable()).isTrue();
        systemd = Socket.newSocketDomainDgram();
        systemd.bind(new DomainSocketAddress(socketPath().toFile()));
    }

    @AfterEach
    void closeSocket() throws IOException {
        systemd.close();
    }

    private Path socketPath() {
        return directory.resolve("notify");
    }

    /** Adds the messages that have arrived to {@link #received}. */
    private List<String> receive() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        for (int length = systemd.recv(buffer, 0, 256); length > 0; length = systemd.recv(buffer, 0, 256)) {
            byte[] bytes = new byte[length];
            buffer.get(0, bytes);
            received.add(new String(bytes, StandardCharsets.UTF_8));
        }
        return received;
    }

    private void awaitMessages(String... expected) {
        await().untilAsserted(() -> assertThat(receive()).containsExactly(expected));
    }

    @Test
    void reportsTheStartAReloadAndADrain() throws Exception {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), conf("http://127.0.0.1:1"));
        try (Balancer balancer = Balancer.start(
                file, Map.of("KEY", "k", "NOTIFY_SOCKET", socketPath().toString()))) {
            awaitMessages("READY=1");
            received.clear();

            assertThat(balancer.reload()).isEmpty();
            receive();
            assertThat(received).hasSize(2);
            assertThat(received.get(0)).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
            assertThat(received.get(1)).isEqualTo("READY=1");
            received.clear();

            balancer.drain();
            awaitMessages("STOPPING=1");
            balancer.awaitDrained();
        }
    }

    @Test
    void sendsHeartbeatsIfTheUnitHasAWatchdog() throws Exception {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), conf("http://127.0.0.1:1"));
        Map<String, String> environment =
                Map.of("KEY", "k", "NOTIFY_SOCKET", socketPath().toString(), "WATCHDOG_USEC", "10000000");
        try (Balancer balancer = Balancer.start(file, environment)) {
            await().untilAsserted(() -> assertThat(receive()).contains("READY=1", "WATCHDOG=1"));
        }
    }

    @Test
    void aReceiverThatIsGoneDoesNotDisturb() throws Exception {
        SystemdNotifier notifier = SystemdNotifier.of(
                Map.of("NOTIFY_SOCKET", directory.resolve("gone").toString()));
        notifier.ready();
        notifier.close();
        notifier.ready();
    }

    @Test
    void sendsNothingWithoutTheVariable() throws Exception {
        try (SystemdNotifier notifier = SystemdNotifier.of(Map.of("WATCHDOG_USEC", "1"))) {
            notifier.ready();
            notifier.heartbeat();
        }
        assertThat(receive()).isEmpty();
    }
}
