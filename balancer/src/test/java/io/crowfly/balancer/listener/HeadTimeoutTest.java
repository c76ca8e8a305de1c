package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Heads and TLS handshakes that are not complete in time. Issue 18, row 3. */
class HeadTimeoutTest extends Testbed {

    private static final int TRICKLING = 200;

    private static Setup setup(TestBackend backend) {
        return Setup.NONE.backend("a", backend).withLines("timeouts: {head: 400ms}");
    }

    /** Waits longer than the timeout: until a connection that sends nothing has been closed. */
    private void awaitTimeout(TestBalancer balancer) throws Exception {
        assertThat(client(balancer).readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    private static void assertRefused(RawConnection client) throws Exception {
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(response.body()).contains("\"code\":\"request_timeout\"");
    }

    @Test
    void anIncompleteHeadGetsA408() throws Exception {
        TestBalancer balancer = balancer(setup(backend(OK)));
        List<String> heads = List.of("G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n", "\r\nPOST");
        List<RawConnection> clients = new ArrayList<>();
        for (String head : heads) {
            RawConnection first = client(balancer);
            first.write(head);
            clients.add(first);
            RawConnection later = client(balancer);
            later.write("HEAD /v1/models HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readHead(later).status()).isEqualTo(200);
            later.write(head);
            clients.add(later);
        }
        for (RawConnection client : clients) {
            assertRefused(client);
            assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        }
    }

    @Test
    void everyTricklingConnectionIsClosed() throws Exception {
        TestBalancer balancer = balancer(setup(backend(OK)));
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < TRICKLING; i++) {
            SocketChannel client = closing(
                    SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), balancer.port())));
            client.configureBlocking(false);
            clients.add(client);
        }
        String head = "GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: " + "x".repeat(16 * 1024);
        ByteBuffer received = ByteBuffer.allocate(4096);
        int[] sent = {0};
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            ByteBuffer next = ByteBuffer.wrap(new byte[] {(byte) head.charAt(sent[0]++)});
            clients.removeIf(client -> isClosedAfter(client, next.rewind(), received.clear()));
            return clients.isEmpty();
        });
    }

    private static boolean isClosedAfter(SocketChannel client, ByteBuffer next, ByteBuffer received) {
        try {
            client.write(next);
            return client.read(received) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void anIncompleteTlsHandshakeIsClosed() throws Exception {
        TestBalancer balancer = balancer(setup(backend(OK))
                .listeners("{name: public, bind: \"127.0.0.1:0\", tls: {certificates: ["
                        + Certificates.write(directory, "one.test", "one.test") + "]}}"));
        byte[] hello = clientHello();
        List<RawConnection> clients = new ArrayList<>();
        for (int length : new int[] {0, 1, hello.length / 2, hello.length}) {
            RawConnection client = client(balancer);
            client.write(Arrays.copyOf(hello, length));
            clients.add(client);
        }
        SSLSocket silent = closing(Certificates.connect(balancer.port(), "one.test"));
        silent.startHandshake();
        clients.add(closing(RawConnection.wrap(silent)));
        for (RawConnection client : clients) {
            assertThat(client.readToEnd().text()).doesNotContain("HTTP/1.1");
        }
    }

    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("one.test", 443);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] bytes = new byte[hello.flip().remaining()];
        hello.get(bytes);
        return bytes;
    }

    @Test
    void neitherAnIdleConnectionNorALongResponseIsInterrupted() throws Exception {
        CountDownLatch timeoutPassed = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            while (true) {
                if (Message.readRequest(peer).target().equals("/slow")) {
                    timeoutPassed.await();
                }
                peer.write(OK);
            }
        });
        TestBalancer balancer = balancer(setup(backend));
        RawConnection idle = client(balancer);
        idle.write(GET);
        assertThat(Message.readResponse(idle).status()).isEqualTo(200);
        RawConnection slow = client(balancer);
        slow.write("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\n");

        awaitTimeout(balancer);
        timeoutPassed.countDown();

        idle.write(GET);
        assertThat(Message.readResponse(idle).status()).isEqualTo(200);
        assertThat(Message.readResponse(slow).status()).isEqualTo(200);
        // The clock of the next head runs from the end of the response.
        assertRefused(slow);
    }
}
