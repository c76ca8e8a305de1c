package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Requests that go to a tier with a higher number, and those that do not. */
class TierOverflowTest extends Testbed {

    private static final int MANY = 30;

    private final CountDownLatch mayRespond = new CountDownLatch(1);

    private final ConnectionScript holding = peer -> {
        Message.readRequest(peer);
        mayRespond.await();
        peer.write(OK);
    };

    private TestBalancer balancer(TestBackend paid, TestBackend overflow, String routing) throws Exception {
        return balancer(Setup.NONE
                .backend("paid", paid)
                .backend("overflow", overflow)
                .withLines("trace-decisions: true\nrouting: {" + routing + "}"));
    }

    private static String decision(Message response) {
        String decision = response.header("x-crowfly-decision");
        return decision.substring(0, decision.indexOf(';'));
    }

    private static String metrics(TestBalancer balancer) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + balancer.adminPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    @Test
    void aTierWithoutRoomSendsFurtherRequestsToTheNext() throws Exception {
        TestBackend paid = backend(holding);
        TestBackend overflow = backend(OK);
        TestBalancer balancer = balancer(paid, overflow, "tier-tolerance: 200ms");
        RawConnection last = client(balancer);
        for (int sent = 1; overflow.connections() == 0; sent++) {
            assertThat(sent).isLessThan(MANY);
            int total = sent;
            last = client(balancer);
            last.write(GET);
            await().until(() -> paid.connections() + overflow.connections() == total);
        }
        assertThat(paid.connections()).isGreaterThan(3);
        assertThat(decision(Message.readResponse(last))).isEqualTo("overflow to tier 2: load");
        await().untilAsserted(() -> assertThat(metrics(balancer))
                .contains("crowfly_overflow_requests_total{tier=\"2\",reason=\"load\",} 1.0"));
        mayRespond.countDown();
    }

    @Test
    void withoutALimitATierKeepsItsRequestsUnderAnyLoad() throws Exception {
        TestBackend paid = backend(holding);
        TestBackend overflow = backend(OK);
        TestBalancer balancer = balancer(paid, overflow, "tier-tolerance: unlimited");
        for (int i = 0; i < MANY; i++) {
            client(balancer).write(GET);
            paid.connection(i);
        }
        assertThat(overflow.connections()).isZero();
        mayRespond.countDown();
    }

    @Test
    void anUnavailableTierIsTheReason() throws Exception {
        TestBackend paid = backend(OK);
        TestBalancer balancer = balancer(paid, backend(OK), "tier-tolerance: unlimited");
        paid.refuseConnections();
        RawConnection client = client(balancer);
        String decision = "";
        for (int i = 0; i < MANY && !decision.startsWith("overflow"); i++) {
            client.write(GET);
            decision = decision(Message.readResponse(client));
        }
        assertThat(decision).isEqualTo("overflow to tier 2: unavailable");
    }
}
