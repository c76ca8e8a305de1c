package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Certificates of a new conf, new contents of certificate files, and certificates that cannot be used. */
class TlsReloadTest extends Testbed {

    private static String listener(int port, String certificates) {
        return "{name: edge, bind: \"127.0.0.1:" + port + "\", tls: {certificates: [" + certificates + "]}}";
    }

    private SSLSocket connect(TestBalancer balancer, String sni) throws Exception {
        return closing(Certificates.connect(balancer.port("edge"), sni));
    }

    private static X509Certificate peerCertificate(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    private static void assertResponds(RawConnection client) throws IOException {
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void aReplacedCertificateAppliesToNewConnectionsOnly() throws Exception {
        String one = Certificates.write(directory, "one", "one.test");
        String two = Certificates.write(directory, "two", "two.test");
        Setup setup = Setup.NONE.backend("a", backend(OK)).listeners(listener(0, one + ", " + two));
        TestBalancer balancer = balancer(setup);
        SSLSocket before = connect(balancer, "two.test");
        RawConnection old = closing(RawConnection.wrap(before));
        assertResponds(old);
        X509Certificate untouched = peerCertificate(connect(balancer, "one.test"));

        Certificates.write(directory, "two", "two.test");
        assertThat(balancer.reload(setup)).isEmpty();

        SSLSocket after = connect(balancer, "two.test");
        assertResponds(closing(RawConnection.wrap(after)));
        assertThat(peerCertificate(after).getSerialNumber())
                .isNotEqualTo(peerCertificate(before).getSerialNumber());
        assertThat(peerCertificate(after).getSubjectX500Principal().getName()).isEqualTo("CN=two.test");
        assertThat(peerCertificate(connect(balancer, "one.test"))).isEqualTo(untouched);
        assertResponds(old);
    }

    @Test
    void aCertificateThatIsReplacedIsNoticed() throws Exception {
        String edge = Certificates.write(directory, "edge", "one.test");
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)).listeners(listener(0, edge)));
        X509Certificate before = peerCertificate(connect(balancer, "one.test"));
        Certificates.write(directory, "edge", "one.test");
        await().until(() -> !peerCertificate(connect(balancer, "one.test")).equals(before));
    }

    @Test
    void aCertificateForAnInvalidHostNameIsRefusedAndLeavesNoSocketBound() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)));
        int plain;
        int tls;
        try (ServerSocket first = free();
                ServerSocket second = free()) {
            plain = first.getLocalPort();
            tls = second.getLocalPort();
        }
        String extra = "{name: extra, bind: \"127.0.0.1:" + plain + "\"}";
        String odd = Certificates.write(directory, "edge", "*oo.example.test");
        Setup setup = Setup.NONE.backend("a", backend(OK)).listeners(TestBalancer.PUBLIC, extra, listener(tls, odd));
        assertThat(balancer.reload(setup)).singleElement().asString().contains("`*oo.example.test`");
        awaitRefusal(plain);
        awaitRefusal(tls);
        assertResponds(client(balancer));

        Certificates.write(directory, "edge", "*.example.test");
        assertThat(balancer.reload(setup)).isEmpty();
        assertResponds(closing(RawConnection.wrap(connect(balancer, "foo.example.test"))));
        assertResponds(closing(RawConnection.connect(plain)));
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Awaited, because on io_uring the kernel keeps a closed listener until its pending accept is cancelled. */
    private static void awaitRefusal(int port) {
        await().untilAsserted(() ->
                assertThatThrownBy(() -> RawConnection.connect(port)).isInstanceOf(ConnectException.class));
    }
}
