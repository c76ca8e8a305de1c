package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BehaviourTest {

    private SimulatedEndpoint endpoint;
    private EndpointClient caller;

    @BeforeEach
    void open() throws IOException {
        endpoint = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
        caller = new EndpointClient(endpoint);
    }

    @AfterEach
    void close() {
        endpoint.close();
    }

    private int chat() throws IOException, InterruptedException {
        return caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m"))
                .statusCode();
    }

    @Test
    void theNextResponsesFailAndLaterOnesDoNot() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withFaults(new Faults.Next(2, 503)));
        assertThat(new int[] {chat(), chat(), chat()}).containsExactly(503, 503, 200);
    }

    @Test
    void aShareOfOneFailsEveryResponseExceptHealthChecks() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withFaults(new Faults.Share(1, 429, 7)));
        assertThat(chat()).isEqualTo(429);
        assertThat(caller.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void healthChecksMayFailAlone() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withHealthStatus(503));
        assertThat(caller.get("/health").statusCode()).isEqualTo(503);
        assertThat(chat()).isEqualTo(200);
    }

    @Test
    void aModelNameMaySelectAnError() throws Exception {
        assertThat(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("sim-500"))
                        .statusCode())
                .isEqualTo(500);
        assertThat(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody("sim-429"))
                        .statusCode())
                .isEqualTo(429);
        assertThat(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("sim-418"))
                        .statusCode())
                .isEqualTo(418);
    }

    @Test
    void refusesConnectionsDuringAnOutage() throws Exception {
        assertThat(chat()).isEqualTo(200);
        endpoint.setBehaviour(Behaviour.immediate().withOutage(Outage.REFUSE));
        // Until the client has detected that its persistent connection is closed, and the event loop has had its next
        // turn.
        await().untilAsserted(() -> assertThatThrownBy(this::chat).isInstanceOf(ConnectException.class));
        assertThat(endpoint.statistics().openConnections()).isZero();
        endpoint.setBehaviour(Behaviour.immediate());
        await().ignoreExceptions().until(() -> chat() == 200);
    }

    @Test
    void hangsDuringAnOutageAndRespondsToLaterRequests() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withOutage(Outage.HANG));
        var pending = caller.postAsync(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m"));
        await().until(() -> endpoint.statistics().inFlight() == 1);
        endpoint.setBehaviour(Behaviour.immediate());
        assertThat(chat()).isEqualTo(200);
        assertThat(pending).isNotDone();
        pending.cancel(true);
    }

    @Test
    void resetsAStreamAfterTheConfiguredEvents() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withResetAfterEvents(OptionalInt.of(2)));
        assertThatThrownBy(() -> caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.streamedChatBody("m")))
                .isInstanceOf(IOException.class);
        await().until(() -> endpoint.statistics().inFlight() == 0);
        assertThat(endpoint.statistics().cancelled()).isZero();
    }

    @Test
    void theControlPathChangesWhatItNamesAndKeepsTheRest() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withTokens(3));
        var response = caller.post("/_script", "{\"fail-next\":1,\"fail-status\":500,\"between-tokens-ms\":2}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(endpoint.behaviour())
                .isEqualTo(Behaviour.immediate()
                        .withTokens(3)
                        .withBetweenTokens(Duration.ofMillis(2))
                        .withFaults(new Faults.Next(1, 500)));
        assertThat(new int[] {chat(), chat()}).containsExactly(500, 200);
    }

    @Test
    void theControlPathRefusesUnknownKeys() throws Exception {
        var response = caller.post("/_script", "{\"latency\":1}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo("{\"error\":\"unknown key: latency\"}");
        assertThat(endpoint.behaviour()).isEqualTo(Behaviour.immediate());
    }

    @Test
    void theControlPathDescribesTheProblem() throws Exception {
        assertThat(caller.post("/_script", "{\"tokens\":\"many\"}").body())
                .isEqualTo("{\"error\":\"the value of tokens has the wrong type or is too large\"}");
        assertThat(caller.post("/_script", "{\"tokens\":99999999999}").body())
                .isEqualTo("{\"error\":\"the value of tokens has the wrong type or is too large\"}");
        assertThat(caller.post("/_script", "{tokens:1}").body()).isEqualTo("{\"error\":\"not JSON at 1:2\"}");
        assertThat(caller.post("/_script", "[]").body()).isEqualTo("{\"error\":\"the body must be a JSON object\"}");
        assertThat(endpoint.behaviour()).isEqualTo(Behaviour.immediate());
    }

    @Test
    void theControlPathAcceptsItsOwnOutput() throws Exception {
        Behaviour behaviour = Behaviour.immediate()
                .withFirstToken(new Delay.LogNormal(Duration.ofMillis(20), 0.5, 1))
                .withHealth(Delay.ofMillis(3))
                .withFaults(new Faults.Next(2, 503))
                .withResetAfterEvents(OptionalInt.of(4));
        endpoint.setBehaviour(behaviour);
        String shown = caller.get("/_script").body();
        assertThat(shown)
                .isEqualTo("{\"first-token-ms\":20,\"first-token-sigma\":0.5,\"between-tokens-ms\":1,\"tokens\":8,"
                        + "\"health-ms\":3,\"health-status\":200,\"fail-next\":2,\"fail-status\":503,"
                        + "\"outage\":\"none\",\"reset-after-events\":4}");
        endpoint.setBehaviour(Behaviour.immediate());
        caller.post("/_script", shown);
        assertThat(endpoint.behaviour()).isEqualTo(behaviour);
    }

    @Test
    void anOutageFromTheControlPathEndsByItself() throws Exception {
        caller.post("/_script", "{\"outage\":\"refuse\",\"outage-ms\":1}");
        await().ignoreExceptions().until(() -> chat() == 200);
        assertThat(endpoint.behaviour().outage()).isEqualTo(Outage.NONE);
    }

    @Test
    void anEndpointListensAgainOnceItsPortIsFree() throws Exception {
        endpoint.setBehaviour(Behaviour.immediate().withOutage(Outage.REFUSE));
        // The port is free after the event loop's next turn.
        Callable<ServerSocket> take = () -> new ServerSocket(endpoint.port(), 1, InetAddress.getLoopbackAddress());
        try (ServerSocket taken = await().ignoreExceptions().until(take, ServerSocket::isBound)) {
            endpoint.setBehaviour(Behaviour.immediate());
            assertThat(taken.getLocalPort()).isEqualTo(endpoint.port());
        }
        await().ignoreExceptions().until(() -> chat() == 200);
    }

    @Test
    void theSameSeedGivesTheSameTimes() {
        Delay delay = new Delay.LogNormal(Duration.ofMillis(200), 0.35, 42);
        var one = delay.samples();
        var other = delay.samples();
        long first = one.getAsLong();
        assertThat(other.getAsLong()).isEqualTo(first);
        assertThat(one.getAsLong()).isNotEqualTo(first).isEqualTo(other.getAsLong());
    }
}
