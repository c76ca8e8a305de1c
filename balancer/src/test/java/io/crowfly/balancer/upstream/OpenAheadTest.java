package io.crowfly.balancer.upstream;

import static io.crowfly.balancer.testbed.Certificates.CA;
import static io.crowfly.balancer.testbed.Certificates.certificate;
import static io.crowfly.balancer.testbed.Certificates.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;

class OpenAheadTest extends Testbed {

    /** Server socket that counts complete TLS handshakes. */
    private static final class TlsServerSocket extends ServerSocket {

        private final SSLSocketFactory tls;
        private final AtomicInteger handshakes = new AtomicInteger();

        TlsServerSocket() throws Exception {
            super(0, 50, InetAddress.getLoopbackAddress());
            tls = context(certificate("localhost", CA), CA).getSocketFactory();
        }

        @Override
        public Socket accept() throws IOException {
            SSLSocket socket = (SSLSocket) tls.createSocket(super.accept(), null, true);
            socket.setUseClientMode(false);
            socket.addHandshakeCompletedListener(event -> handshakes.incrementAndGet());
            return socket;
        }
    }

    private TestBalancer balancerBefore(ServerSocket server) throws Exception {
        Files.writeString(directory.resolve("ca.crt"), CA.getCertificatePEM());
        return balancer(Setup.NONE
                .backend("{name: a, provider: openai, url: \"https://localhost:" + server.getLocalPort()
                        + "\", tls: {ca: ca.crt}}")
                .probes("{tcp: {}, interval: 50ms}"));
    }

    @Test
    void theFirstRequestFindsAConnectionWithAHandshake() throws Exception {
        TlsServerSocket server = new TlsServerSocket();
        TestBackend backend = closing(TestBackend.on(server, TestBackend.responder(OK)));
        RawConnection client = client(balancerBefore(server));
        await().until(() -> server.handshakes.get() == 1);
        assertThat(backend.connections()).isZero();
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
        assertThat(backend.connections()).isEqualTo(1);
        assertThat(server.handshakes).hasValue(1);
    }

    @Test
    void aConnectionThatTheBackendClosesIsReplaced() throws Exception {
        TlsServerSocket server = new TlsServerSocket();
        closing(TestBackend.on(server, peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }));
        RawConnection client = client(balancerBefore(server));
        await().until(() -> server.handshakes.get() == 1);
        client.write(GET);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        await().until(() -> server.handshakes.get() == 2);
    }
}
