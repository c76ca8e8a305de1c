package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Retries and hedges of token streams whose head arrives at once and whose first token does not, compared with earlier
 * requests.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class SlowTokenTest extends LateBackendTestbed {

    private static final TestStream CHAT = TestStream.CHAT;
    private static final String WITHOUT_TOKEN = TestStream.HEAD + TestStream.chunk(CHAT.beginning);

    @Override
    String request(String prompt) {
        return CHAT.request("m", prompt);
    }

    private TestBalancer balancerWithLateA(String conf) throws Exception {
        return balancer(Setup.NONE
                .backend("a", lateBackend(CHAT.response("from a"), WITHOUT_TOKEN))
                .backend("b", backend(CHAT.response("from b")))
                .withLines(conf));
    }

    @Override
    Message sendLate(TestBalancer balancer) throws Exception {
        Message response = super.sendLate(balancer);
        if (response.status() == 200) {
            // Nothing of the stream of `a` is left.
            assertThat(response.body()).isEqualTo(CHAT.text("from b"));
        }
        return response;
    }

    @Test
    void anotherAttemptFollowsWhenTheWaitForTheFirstTokenIsHopeless() throws Exception {
        awaitServedByB(balancerWithLateA(CONF), "next best after a: no response in time");
    }

    @Test
    void aHedgeWinsByItsFirstToken() throws Exception {
        awaitServedByB(balancerWithLateA(HEDGES + CONF), "beside a, which is slow");
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
        await().until(() -> super.sendLate(balancer).body().contains("from a") && cancelled.getCount() == 0);
    }
}
