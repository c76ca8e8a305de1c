package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RepeatedWrites;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Error responses that Crowfly holds, and whose body does not come to its end. Issue 18, row 10. The idle timeout is
 * longer than a test.
 */
class StalledErrorTest extends Testbed {

    private static final String OPENAI = "provider: openai";
    private static final String AZURE = "provider: azure, credential: {api-key: k}";
    private static final String CONF = "trace-decisions: true\ntimeouts: {first-byte: 600ms}\n";

    /** May be sent twice. */
    private static final String CHAT = post("/v1/chat/completions", "{\"model\":\"m\"}");

    /** Adds to a conversation, so it must not be sent twice. */
    private static final String CREATING = post("/v1/responses", "{\"model\":\"m\",\"conversation\":\"conv_1\"}");

    private static final String LENGTH = "Content-Length: 100\r\n\r\n";

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    /** Returns a backend that sends this beginning of a response and then nothing more. */
    private TestBackend stallingAfter(String beginning) throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 " + beginning);
            peer.readToEnd();
        });
    }

    private RawConnection send(Setup setup, String request) throws Exception {
        RawConnection client = client(balancer(setup.withLines(CONF)));
        client.write(request);
        return client;
    }

    private List<RawConnection> sendTo(String provider, String request, Setup others, String... beginnings)
            throws Exception {
        List<RawConnection> clients = new ArrayList<>();
        for (String beginning : beginnings) {
            Setup setup = Setup.NONE.backend("a", stallingAfter(beginning), provider);
            for (TestBackend other : others.testBackends()) {
                setup = setup.backend("b", other);
            }
            clients.add(send(setup, request));
        }
        return clients;
    }

    @Test
    void anotherBackendIsTried() throws Exception {
        Setup other = Setup.NONE.backend("b", backend(OK));
        List<RawConnection> clients = sendTo(
                OPENAI,
                CHAT,
                other,
                "404 Not Found\r\n" + LENGTH,
                "404 Not Found\r\n" + LENGTH + "{\"error\":",
                "404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"err\r\n");
        clients.addAll(sendTo(
                AZURE,
                CHAT,
                other,
                "400 Bad Request\r\n" + LENGTH + "{",
                "404 Not Found\r\n" + LENGTH + "{",
                "422 Unprocessable\r\n\r\n{"));
        for (RawConnection client : clients) {
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("x-crowfly-backend")).isEqualTo("b");
            assertThat(response.header("x-crowfly-decision")).startsWith("next best after a: error response stalled");
        }
    }

    @Test
    void anotherBackendIsTriedAfterAnErrorThatIsInterrupted() throws Exception {
        for (String provider : new String[] {OPENAI, AZURE}) {
            TestBackend failing = backend(peer -> {
                Message.readRequest(peer);
                peer.write("HTTP/1.1 404 Not Found\r\n" + LENGTH + "{");
            });
            RawConnection client =
                    send(Setup.NONE.backend("a", failing, provider).backend("b", backend(OK)), CHAT);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
    }

    @Test
    void withoutAnotherBackendTheFirstByteTimeoutEndsTheWait() throws Exception {
        TestBackend dripping = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
            try (RepeatedWrites drip = RepeatedWrites.start(peer, "1\r\nx\r\n", Duration.ofMillis(50))) {
                peer.readToEnd();
            }
        });
        List<RawConnection> clients =
                sendTo(OPENAI, CHAT, Setup.NONE, "404 Not Found\r\n" + LENGTH, "404 Not Found\r\n" + LENGTH + "{");
        clients.add(send(Setup.NONE.backend("a", dripping), CHAT));
        for (RawConnection client : clients) {
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(504);
            assertThat(response.body()).contains("\"code\":\"upstream_timeout\"");
        }
    }

    @Test
    void anErrorForTheClientKeepsItsStatus() throws Exception {
        List<RawConnection> clients = sendTo(
                AZURE,
                CHAT,
                Setup.NONE,
                "400 Bad Request\r\n" + LENGTH + "{\"error\":",
                "503 Service Unavailable\r\n" + LENGTH + "{\"error\":",
                "429 Too Many Requests\r\n" + LENGTH + "{\"error\":");
        int[] statuses = {400, 503, 429};
        for (int i = 0; i < statuses.length; i++) {
            assertThat(Message.readHead(clients.get(i)).status()).isEqualTo(statuses[i]);
            // The client can detect that the body is incomplete.
            assertThat(clients.get(i).readToEnd().text()).isEqualTo("{\"error\":");
        }
    }

    @Test
    void aCreatingRequestIsNotSentTwice() throws Exception {
        TestBackend other = backend(OK);
        List<RawConnection> clients =
                sendTo(AZURE, CREATING, Setup.NONE.backend("b", other), "500 Internal Server Error\r\n" + LENGTH + "{");
        assertThat(Message.readHead(clients.get(0)).status()).isEqualTo(500);
        assertThat(other.connections()).isZero();
    }
}
