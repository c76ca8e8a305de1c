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

/**
 * Retries and hedges of token streams whose head arrives at once and whose first token does not, compared with earlier
 * requests.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class SlowTokenTest extends Testbed {

    private static final TestStream CHAT = TestStream.CHAT;
    private static final String WITHOUT_TOKEN = TestStream.HEAD + TestStream.chunk(CHAT.beginning);
    private static final String CONF = "trace-decisions: true\ntimeouts: {first-byte: 3s}\n";
    private static final String HEDGES = "routing: {hedge: {budget: 100%}}\n";

    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** A backend whose streams have a token at once, except in the response to a request with the prompt "quiet". */
    private TestBackend silentOnQuiet() throws Exception {
        return backend(peer -> {
            while (!Message.readRequest(peer).body().contains("quiet")) {
                peer.write(CHAT.response("from a"));
            }
            peer.write(WITHOUT_TOKEN);
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    private Message send(TestBalancer balancer, String prompt) throws Exception {
        try (RawConnection client = balancer.client()) {
            client.write(CHAT.request("m", prompt));
            return Message.readResponse(client);
        }
    }

    /** Waits until enough is known of the first backend. Sends quick requests before each try. */
    private void awaitDecision(TestBalancer balancer, String why) {
        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                send(balancer, "quick");
            }
            Message response = send(balancer, "quiet");
            if (response.status() != 200) {
                return false;
            }
            assertThat(response.body()).isEqualTo(CHAT.text("from b"));
            return response.header("x-crowfly-decision").startsWith(why);
        });
    }

    @Test
    void anotherAttemptFollowsWhenTheWaitForTheFirstTokenIsHopeless() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", silentOnQuiet())
                .backend("b", backend(CHAT.response("from b")))
                .withLines(CONF));
        awaitDecision(balancer, "next best after a: no response in time");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeWinsByItsFirstToken() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", silentOnQuiet())
                .backend("b", backend(CHAT.response("from b")))
                .withLines(HEDGES + CONF));
        awaitDecision(balancer, "beside a, which is slow");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeDoesNotWinByItsHead() throws Exception {
        CountDownLatch hedged = new CountDownLatch(1);
        TestBackend first = backend(peer -> {
            while (true) {
                boolean quiet = Message.readRequest(peer).body().contains("quiet");
                if (quiet) {
                    peer.write(WITHOUT_TOKEN);
                    hedged.await();
                }
                String response = CHAT.response("from a");
                peer.write(quiet ? response.substring(WITHOUT_TOKEN.length()) : response);
            }
        });
        TestBackend second = backend(peer -> {
            Message.readRequest(peer);
            peer.write(WITHOUT_TOKEN);
            hedged.countDown();
            peer.readToEnd();
            cancelled.countDown();
        });
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", first).backend("b", second).withLines(HEDGES + CONF));
        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                send(balancer, "quick");
            }
            return send(balancer, "quiet").body().contains("from a") && cancelled.getCount() == 0;
        });
    }
}
