package io.crowfly.balancer.listener;

import static io.crowfly.balancer.testbed.Certificates.CA;
import static io.crowfly.balancer.testbed.Certificates.OTHER_CA;
import static io.crowfly.balancer.testbed.Certificates.certificate;
import static io.crowfly.balancer.testbed.Certificates.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;

/** TLS on both sides, each time with the JDK's TLS as the peer. */
class TlsTest extends Testbed {

    private String edge(String host) throws IOException {
        return Certificates.write(directory, host, host);
    }

    private SSLSocket connect(int port, String sni) throws Exception {
        return closing(Certificates.connect(port, sni));
    }

    private TestBalancer edgeBalancer(TestBackend backend) throws Exception {
        return balancer(Setup.NONE
                .backend("a", backend)
                .listeners("{name: public, bind: \"127.0.0.1:0\", tls: {certificates: [" + edge("one.test") + ", "
                        + edge("two.test") + "]}}"));
    }

    @Test
    void presentsTheCertificateForTheSniName() throws Exception {
        TestBalancer balancer = edgeBalancer(backend(OK));
        for (String[] sniAndExpected :
                new String[][] {{"two.test", "two.test"}, {"one.test", "one.test"}, {"unknown.test", "one.test"}}) {
            SSLSocket socket = connect(balancer.port(), sniAndExpected[0]);
            RawConnection client = closing(RawConnection.wrap(socket));
            client.write(GET);
            assertThat(Message.readResponse(client).body()).isEqualTo("ok");
            X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=" + sniAndExpected[1]);
            assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    /** Netty would allocate the announced length at once. */
    @Test
    void refusesAClientHelloThatAnnouncesMoreThanItNeeds() throws Exception {
        RawConnection client = client(edgeBalancer(backend(OK)));
        String record = "\u0016\u0003\u0001\u0000\u00c8";
        String clientHello = "\u0001\u00ff\u00ff\u00f0\u0003\u0003";
        client.write(record + clientHello + "x".repeat(194));
        assertThat(client.readToEnd().text()).doesNotContain("x");
    }

    @Test
    void forwardsTheSchemeOfATlsClient() throws Exception {
        TestBackend backend = backend(peer -> {
            String proto = Message.readRequest(peer).header("x-forwarded-proto");
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + proto.length() + "\r\n\r\n" + proto);
        });
        RawConnection client =
                closing(RawConnection.wrap(connect(edgeBalancer(backend).port(), "one.test")));
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("https");
    }

    @Test
    void passesALargeBodyThroughTls() throws Exception {
        String body = "0123456789abcdef".repeat(1 << 16);
        TestBackend backend = backend(peer -> {
            String got = Message.readRequest(peer).body();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + got.length() + "\r\n\r\n" + got);
        });
        RawConnection client =
                closing(RawConnection.wrap(connect(edgeBalancer(backend).port(), "one.test")));
        client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(Message.readResponse(client).body()).isEqualTo(body);
    }

    @Test
    void aTlsClientThatDisconnectsCancelsItsRequest() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            peer.readToEnd();
            cancelled.countDown();
        });
        RawConnection client =
                closing(RawConnection.wrap(connect(edgeBalancer(backend).port(), "one.test")));
        client.write(GET);
        Message.readHead(client);
        client.close();
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aPlainRequestToATlsListenerGetsA400ThatSaysSoAndALineInTheLog() throws Exception {
        TestBalancer balancer = edgeBalancer(backend(OK));
        try (CapturedLog log = closing(new CapturedLog(PlainHttpReport.class.getName()))) {
            for (int i = 0; i < 2; i++) {
                RawConnection plain = client(balancer);
                plain.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
                plain.write("x".repeat(50_000));
                Message response = Message.readResponse(plain);
                assertThat(response.status()).isEqualTo(400);
                assertThat(response.header("connection")).isEqualTo("close");
                assertThat(response.body()).contains("\"code\":\"plain_http\"", "This port serves HTTPS");
                // The rest of the body does not reset the connection.
                plain.write("x".repeat(50_000));
            }
            assertThat(log.lines(Level.INFO))
                    .singleElement()
                    .asString()
                    .startsWith("client 127.0.0.1 sent plain HTTP to 127.0.0.1:0, which serves HTTPS");
        }
        RawConnection client = closing(RawConnection.wrap(connect(balancer.port(), "one.test")));
        client.write(GET);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    /**
     * Sends one request to a TLS backend with this certificate, through a balancer that trusts {@link #CA}.
     *
     * @return the status
     */
    private int statusFrom(X509Bundle certificate) throws Exception {
        TestBackend backend = closing(TestBackend.on(
                context(certificate, CA)
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                TestBackend.responder(OK)));
        Files.writeString(directory.resolve("ca.crt"), CA.getCertificatePEM());
        RawConnection client = client(balancer(Setup.NONE
                .backend("{name: a, provider: openai, url: \"https://localhost:" + backend.port()
                        + "\", tls: {ca: ca.crt}}")
                .probes("{tcp: {}, interval: 1h}")
                .withLines("timeouts: {connect: 30s}")));
        client.write(GET);
        int status = Message.readResponse(client).status();
        if (status != 200) {
            assertThat(backend.connections()).as("requests to a stranger").isZero();
        }
        return status;
    }

    @Test
    void trustsABackendWhoseAuthorityTheConfNames() throws Exception {
        assertThat(statusFrom(certificate("localhost", CA))).isEqualTo(200);
    }

    @Test
    void sendsNothingToABackendOfAnotherName() throws Exception {
        assertThat(statusFrom(certificate("other.test", CA))).isEqualTo(502);
    }

    @Test
    void sendsNothingToABackendOfAnotherAuthority() throws Exception {
        assertThat(statusFrom(certificate("localhost", OTHER_CA))).isEqualTo(502);
    }

    /**
     * Server whose TLS connections can be closed without {@code close_notify}, as a third party on the path could close
     * them.
     */
    private static final class SeverableServerSocket extends ServerSocket {

        private final SSLSocketFactory tls;
        private final List<Socket> accepted = new CopyOnWriteArrayList<>();

        SeverableServerSocket(SSLSocketFactory tls) throws IOException {
            super(0, 50, InetAddress.getLoopbackAddress());
            this.tls = tls;
        }

        @Override
        public Socket accept() throws IOException {
            Socket plain = super.accept();
            accepted.add(plain);
            SSLSocket secured = (SSLSocket) tls.createSocket(plain, null, true);
            secured.setUseClientMode(false);
            return secured;
        }
    }

    /**
     * Returns the rest that a client receives of a response whose end is marked by the close of the upstream
     * connection.
     */
    private String restOfResponse(boolean withCloseNotify) throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        SeverableServerSocket server = new SeverableServerSocket(
                context(certificate("localhost", CA), CA).getSocketFactory());
        TestBackend backend = closing(TestBackend.on(server, peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\n\r\nhalf");
            seen.await();
            if (!withCloseNotify) {
                for (Socket plain : server.accepted) {
                    plain.close();
                }
            }
        }));
        Files.writeString(directory.resolve("ca.crt"), CA.getCertificatePEM());
        RawConnection client = client(balancer(Setup.NONE.backend(
                "{name: a, provider: openai, url: \"https://localhost:" + backend.port() + "\", tls: {ca: ca.crt}}")));
        client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Message.readHead(client);
        assertThat(client.read(9)).isEqualTo("4\r\nhalf\r\n");
        seen.countDown();
        return client.readToEnd().text();
    }

    @Test
    void aResponseEndedByCloseIsCompleteOnlyWithCloseNotify() throws Exception {
        assertThat(restOfResponse(true)).isEqualTo("0\r\n\r\n");
        assertThat(restOfResponse(false)).isEmpty();
    }
}
