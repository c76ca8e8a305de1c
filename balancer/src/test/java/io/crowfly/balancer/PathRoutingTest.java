package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import org.junit.jupiter.api.Test;

/** Which backend gets a request by its path. A Google backend has chat completions and nothing else. */
class PathRoutingTest extends Testbed {

    private static final String GOOGLE = "provider: google, project: p, location: europe-west4";

    private Message answerTo(Wire client, String path) throws Exception {
        client.write("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return Message.readAnswer(client);
    }

    @Test
    void passesOverABackendThatDoesNotServeThePath() throws Exception {
        TestBackend google = backend(OK);
        Wire client = client(balancer(Setup.NONE.backend("a", google, GOOGLE).backend("b", backend(OK))));
        assertThat(answerTo(client, "/v1/models").status()).isEqualTo(200);
        assertThat(google.connections()).isZero();
    }

    @Test
    void answers503WhileNoBackendThatServesThePathIsHealthyAnd404WhereThereIsNone() throws Exception {
        TestBackend google = backend(OK);
        TestBackend gone = backend(OK);
        gone.close();
        Setup both = Setup.NONE
                .backend("a", google, GOOGLE)
                .backend("b", gone)
                .probes("{tcp: {}, interval: 20ms, healthy-after: 1, unhealthy-after: 1}")
                .and("routing: {panic: false}");
        Wire client = client(balancer(both));
        // At first it is tried, since no probe has judged it.
        await().until(() -> answerTo(client, "/v1/models").status() != 502);
        Message answer = answerTo(client, "/v1/models");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"code\":\"no_healthy_backend\"");
        assertThat(answer.has("retry-after")).isTrue();

        Wire other = client(balancer(Setup.NONE.backend("a", google, GOOGLE)));
        answer = answerTo(other, "/v1/models");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).contains("\"code\":\"unknown_url\"");
        assertThat(answerTo(other, "/v1/chat/completions").status()).isEqualTo(200);
    }
}
