package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import org.junit.jupiter.api.Test;

/** What an answer's head tells of why it came from where it did. */
class DecisionHeaderTest extends Testbed {

    @Test
    void saysWhichBackendWasChosenAndWhyWhereTheConfAsksForIt() throws Exception {
        Wire client = client(balancer(Setup.NONE.backend("a", backend(OK)).and("trace-decisions: true")));
        client.write(GET);
        Message answer = Message.readAnswer(client);
        assertThat(answer.header("x-crowfly-backend")).isEqualTo("a");
        assertThat(answer.header("x-crowfly-decision")).contains("a=");
    }

    @Test
    void tellsTheClientOfAFailureWithoutNamingAnAddress() throws Exception {
        TestBackend gone = backend(OK);
        Wire client = client(
                balancer(Setup.NONE.backend("a", gone).backend("b", backend(OK)).and("trace-decisions: true")));
        gone.refuse();
        client.write(GET);
        Message answer = Message.readAnswer(client);
        assertThat(answer.header("x-crowfly-backend")).isEqualTo("b");
        assertThat(answer.header("x-crowfly-decision"))
                .startsWith("next best after a: no connection; ")
                .doesNotContain("127.0.0.1", String.valueOf(gone.port()));
    }

    @Test
    void anErrorOfOurOwnTellsWhatWasTriedAndIsNoBackends() throws Exception {
        TestBackend gone = backend(OK);
        TestBackend breaks = backend(peer -> {
            Message.readRequest(peer);
            peer.reset();
        });
        Wire client = client(
                balancer(Setup.NONE.backend("a", gone).backend("b", breaks).and("trace-decisions: true")));
        gone.refuse();
        client.write(GET);
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.has("x-crowfly-backend")).isFalse();
        assertThat(answer.header("x-crowfly-decision"))
                .startsWith("next best after a: no connection; b: closed before an answer; a=")
                .contains(", b=")
                .doesNotContain("127.0.0.1", String.valueOf(gone.port()));
    }

    @Test
    void anErrorForWantOfABackendTellsWhatIsWrongWithEach() throws Exception {
        TestBackend gone = backend(OK);
        gone.close();
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", gone)
                .probes("{tcp: {}, interval: 20ms, unhealthy-after: 1}")
                .and("trace-decisions: true\nrouting: {panic: false}"));
        Wire client = client(balancer);
        await().untilAsserted(() -> {
            client.write(GET);
            Message answer = Message.readAnswer(client);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.has("x-crowfly-backend")).isFalse();
            assertThat(answer.header("x-crowfly-decision")).isEqualTo("none can take it; a=unhealthy");
        });
    }

    @Test
    void anErrorWithoutAChoiceHasNoneToTellOf() throws Exception {
        Wire client = client(balancer(Setup.NONE
                .backend("a", backend(OK), "provider: openai, models: {m: m}")
                .and("trace-decisions: true")));
        String body = "{\"model\":\"other\"}";
        client.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.has("x-crowfly-decision")).isFalse();
    }
}
