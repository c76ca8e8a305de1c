package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/** Tests of the choice of a backend by the path. A Google backend serves only chat completions. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class PathRoutingTest extends Testbed {

    private static final String GOOGLE = "provider: google, project: p, location: europe-west4";

    private Message responseTo(RawConnection client, String path) throws Exception {
        client.write("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return Message.readResponse(client);
    }

    @Test
    void skipsABackendThatDoesNotServeThePath() throws Exception {
        TestBackend google = backend(OK);
        RawConnection client =
                client(balancer(Setup.NONE.backend("a", google, GOOGLE).backend("b", backend(OK))));
        assertThat(responseTo(client, "/v1/models").status()).isEqualTo(200);
        assertThat(google.connections()).isZero();
    }

    @Test
    void respondsWith503WhileNoBackendForThePathIsHealthyAndWith404WithoutOne() throws Exception {
        TestBackend google = backend(OK);
        TestBackend stopped = backend(OK);
        stopped.close();
        Setup both = Setup.NONE
                .backend("a", google, GOOGLE)
                .backend("b", stopped)
                .probes("{tcp: {}, interval: 20ms, healthy-after: 1, unhealthy-after: 1}")
                .withLines("routing: {panic: false}");
        RawConnection client = client(balancer(both));
        // At first the backend is tried, because no probe has checked it yet.
        await().until(() -> responseTo(client, "/v1/models").status() != 502);
        Message response = responseTo(client, "/v1/models");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).contains("\"code\":\"no_healthy_backend\"");
        assertThat(response.has("retry-after")).isTrue();

        RawConnection other = client(balancer(Setup.NONE.backend("a", google, GOOGLE)));
        response = responseTo(other, "/v1/models");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).contains("\"code\":\"unknown_url\"");
        assertThat(responseTo(other, "/v1/chat/completions").status()).isEqualTo(200);
    }
}
