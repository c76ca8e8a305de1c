package io.crowfly.balancer.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/** Tests of the response headers that name the chosen backend and the reason. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class DecisionHeaderTest extends Testbed {

    @Test
    void namesTheChosenBackendAndTheReasonIfTheConfEnablesIt() throws Exception {
        RawConnection client =
                client(balancer(Setup.NONE.backend("a", backend(OK)).withLines("trace-decisions: true")));
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.header("x-crowfly-backend")).isEqualTo("a");
        assertThat(response.header("x-crowfly-decision")).contains("a=");
    }

    @Test
    void describesAFailedAttemptWithoutItsAddress() throws Exception {
        TestBackend gone = backend(OK);
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", gone).backend("b", backend(OK)).withLines("trace-decisions: true")));
        gone.refuseConnections();
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.header("x-crowfly-backend")).isEqualTo("b");
        assertThat(response.header("x-crowfly-decision"))
                .startsWith("next best after a: no connection; ")
                .doesNotContain("127.0.0.1", String.valueOf(gone.port()));
    }

    @Test
    void aGeneratedErrorListsTheAttemptsAndNamesNoBackend() throws Exception {
        TestBackend gone = backend(OK);
        TestBackend breaks = backend(peer -> {
            Message.readRequest(peer);
            peer.reset();
        });
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", gone).backend("b", breaks).withLines("trace-decisions: true")));
        gone.refuseConnections();
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.has("x-crowfly-backend")).isFalse();
        assertThat(response.header("x-crowfly-decision"))
                .startsWith("next best after a: no connection; b: closed before a response; a=")
                .contains(", b=")
                .doesNotContain("127.0.0.1", String.valueOf(gone.port()));
    }

    @Test
    void anErrorWithoutAnOpenBackendGivesTheStateOfEach() throws Exception {
        TestBackend gone = backend(OK);
        gone.close();
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", gone)
                .probes("{tcp: {}, interval: 20ms, unhealthy-after: 1}")
                .withLines("trace-decisions: true\nrouting: {panic: false}"));
        RawConnection client = client(balancer);
        await().untilAsserted(() -> {
            client.write(GET);
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.has("x-crowfly-backend")).isFalse();
            // Both probes and the requests of this test may be the first to find out.
            assertThat(response.header("x-crowfly-decision"))
                    .isIn("no backend available; a=unhealthy", "no backend available; a=ejected");
        });
    }

    @Test
    void anErrorWithoutCandidatesHasNoDecisionHeader() throws Exception {
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend(OK), "provider: openai, models: {m: m}")
                .withLines("trace-decisions: true")));
        String body = "{\"model\":\"other\"}";
        client.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.has("x-crowfly-decision")).isFalse();
    }
}
