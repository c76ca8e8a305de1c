package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The limit of a backend's requests in flight, over all event loops. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class MaxInFlightTest extends Testbed {

    private static final String LIMITED = "provider: openai, max-in-flight: 1";

    private final CountDownLatch requestReceived = new CountDownLatch(1);
    private final CountDownLatch mayRespond = new CountDownLatch(1);

    /** Starts a backend that responds to its first request of a client only after {@link #mayRespond}. */
    private TestBackend waitingBackend() throws Exception {
        return closing(TestBackend.running(peer -> {
            while (Message.readRequest(peer).startLine().contains("/v1/models")) {
                requestReceived.countDown();
                mayRespond.await();
                peer.write(OK);
            }
            peer.write(OK);
        }));
    }

    private RawConnection startRequest(TestBalancer balancer) throws Exception {
        RawConnection client = client(balancer);
        client.write(GET);
        requestReceived.await();
        return client;
    }

    @Test
    void furtherRequestsGoToTheNextBackend() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("first", waitingBackend(), LIMITED)
                .backend("second", backend(OK.replace("ok", "no")), LIMITED));
        RawConnection waiting = startRequest(balancer);
        for (int request = 0; request < 3; request++) {
            RawConnection client = client(balancer);
            client.write(GET);
            assertThat(Message.readResponse(client).body()).isEqualTo("no");
        }
        mayRespond.countDown();
        assertThat(Message.readResponse(waiting).body()).isEqualTo("ok");
    }

    @Test
    void withoutAnotherBackendTheResponseIs503UntilARequestEnds() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("only", waitingBackend(), LIMITED));
        RawConnection waiting = startRequest(balancer);
        RawConnection client = client(balancer);
        client.write(GET);
        Message refused = Message.readResponse(client);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).isNotEmpty();
        assertThat(refused.body()).contains("No backend can take this request at the moment.");

        mayRespond.countDown();
        assertThat(Message.readResponse(waiting).body()).isEqualTo("ok");
        // The last byte may reach the client shortly before the count changes.
        await().until(() -> {
            client.write(GET);
            return Message.readResponse(client).status() == 200;
        });
    }
}
