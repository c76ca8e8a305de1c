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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Retries and hedges of requests whose backend is slow compared with earlier requests. Fault T2. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class SlowBackendTest extends Testbed {

    private static final String CONF = "trace-decisions: true\ntimeouts: {first-byte: 3s}\n";

    private final CountDownLatch cancelled = new CountDownLatch(1);

    private static String chat(String prompt) {
        String body = "{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    /** A backend that responds at once, except to a request with the marker in its body. */
    private TestBackend silentOn(String marker) throws Exception {
        return backend(peer -> {
            while (!Message.readRequest(peer).body().contains(marker)) {
                peer.write(OK);
            }
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    private Message send(TestBalancer balancer, String prompt) throws Exception {
        RawConnection client = client(balancer);
        client.write(chat(prompt));
        return Message.readResponse(client);
    }

    /** Waits until enough is known of the first backend. Sends quick requests before each try. */
    private void awaitDecision(TestBalancer balancer, String why) {
        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                send(balancer, "quick");
            }
            Message response = send(balancer, "quiet");
            return response.status() == 200
                    && response.header("x-crowfly-backend").equals("b")
                    && response.header("x-crowfly-decision").startsWith(why);
        });
    }

    @Test
    void retriesAtTheNextBackendWhenTheWaitIsHopeless() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", silentOn("quiet"))
                .backend("b", backend(OK))
                .withLines(CONF));
        awaitDecision(balancer, "next best after a: no response in time");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeThatIsFasterCancelsTheSlowAttempt() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", silentOn("quiet"))
                .backend("b", backend(OK))
                .withLines("routing: {hedge: {budget: 100%}}\n" + CONF));
        awaitDecision(balancer, "beside a, which is slow");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeThatIsSlowerIsCancelled() throws Exception {
        CountDownLatch hedged = new CountDownLatch(1);
        TestBackend first = backend(peer -> {
            while (true) {
                if (Message.readRequest(peer).body().contains("quiet")) {
                    hedged.await();
                }
                peer.write(OK);
            }
        });
        TestBackend second = backend(peer -> {
            Message.readRequest(peer);
            hedged.countDown();
            peer.readToEnd();
            cancelled.countDown();
        });
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", first)
                .backend("b", second)
                .withLines("routing: {hedge: {budget: 100%}}\n" + CONF));
        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                send(balancer, "quick");
            }
            return send(balancer, "quiet").status() == 200 && cancelled.getCount() == 0;
        });
    }

    @Test
    void makesNoHedgeWithoutBudget() throws Exception {
        Queue<String> bodiesAtSecond = new ConcurrentLinkedQueue<>();
        CountDownLatch late = new CountDownLatch(1);
        TestBackend second = backend(peer -> {
            while (true) {
                bodiesAtSecond.add(Message.readRequest(peer).body());
                peer.write(OK);
            }
        });
        TestBackend first = backend(peer -> {
            while (true) {
                if (Message.readRequest(peer).body().contains("quiet")) {
                    late.await();
                }
                peer.write(OK);
            }
        });
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", first)
                .backend("b", second)
                .withLines("routing: {hedge: {budget: 0.01%}}\ntimeouts: {idle: 300ms}"));
        RawConnection idle = client(balancer);
        for (int i = 0; i < 20; i++) {
            send(balancer, "quick");
        }
        RawConnection client = client(balancer);
        client.write(chat("quiet"));
        // The end of an idle connection shows that the idle timeout has passed.
        assertThat(idle.readToEnd().text()).isEmpty();
        late.countDown();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        // Exploration may have sent another request there.
        assertThat(bodiesAtSecond).noneMatch(body -> body.contains("quiet"));
    }
}
