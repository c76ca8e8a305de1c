package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Single connections, which a client can open at any rate, write no warning to the process's log. */
class QuietLogTest extends Testbed {

    private static final String UNIX = "{name: local, bind: \"unix:local.sock\"}";

    private CapturedLog log;

    @BeforeEach
    void capture() {
        log = closing(new CapturedLog("ROOT"));
    }

    @AfterEach
    void logIsQuiet() {
        assertThat(Stream.of(Level.WARN, Level.ERROR).flatMap(level -> log.lines(level).stream()))
                .isEmpty();
    }

    private static void assertResponds(RawConnection client) throws Exception {
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void aConnectionToAUnixSocket() throws Exception {
        balancer(Setup.NONE.backend("a", backend(OK)).listeners(UNIX));
        assertResponds(closing(RawConnection.connect(directory.resolve("local.sock"))));
    }

    @Test
    void aConnectionOverTcp() throws Exception {
        assertResponds(client(balancer(backend(OK))));
    }

    private int tlsPort() throws Exception {
        String edge = Certificates.write(directory, "edge", "one.test");
        return balancer(Setup.NONE
                        .backend("a", backend(OK))
                        .listeners("{name: edge, bind: \"127.0.0.1:0\", tls: {certificates: [" + edge + "]}}"))
                .port("edge");
    }

    @Test
    void aConnectionOverTls() throws Exception {
        assertResponds(closing(RawConnection.wrap(Certificates.connect(tlsPort(), "one.test"))));
    }

    @Test
    void aConnectionToTlsThatSendsPlainText() throws Exception {
        RawConnection client = closing(RawConnection.connect(tlsPort()));
        client.write(GET);
        client.readToEnd();
    }

    @Test
    void aConnectionToTheAdmin() throws Exception {
        TestBalancer balancer = balancer(backend(OK));
        assertIsAlive(closing(RawConnection.connect(balancer.adminPort())));
    }

    @Test
    void aConnectionToTheAdminsUnixSocket() throws Exception {
        String yaml = Setup.NONE.backend("a", backend(OK)).yaml();
        Path file = Files.writeString(
                directory.resolve("crowfly.yaml"),
                yaml.replace("{bind: \"127.0.0.1:0\"}\n", "{bind: \"unix:admin.sock\"}\n"));
        closing(TestBalancer.start(file));
        assertIsAlive(closing(RawConnection.connect(directory.resolve("admin.sock"))));
    }

    private static void assertIsAlive(RawConnection admin) throws Exception {
        admin.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(Message.readResponse(admin).status()).isEqualTo(200);
    }

    @Test
    void aConnectionBeyondTheLimit() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)).withLines("limits: {connections: 1}"));
        assertResponds(client(balancer));
        RawConnection second = client(balancer);
        second.write(GET);
        second.readToEnd();
    }

    @Test
    void aConnectionThatIsReset() throws Exception {
        TestBalancer balancer = balancer(backend(OK));
        RawConnection client = client(balancer);
        client.write("GET /v1/mod");
        client.reset();
        RawConnection admin = closing(RawConnection.connect(balancer.adminPort()));
        admin.write("GET /heal");
        admin.reset();
        assertResponds(client(balancer));
    }
}
