package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of a request whose backend takes long, by what is known of it from the requests before. Fault T2. */
class SlowBackendTest extends Testbed {

    private static final String MORE = "trace-decisions: true\ntimeouts: {first-byte: 3s}\n";

    private final CountDownLatch cancelled = new CountDownLatch(1);

    private static String chat(String prompt) {
        String body = "{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    /** Answers at once, but for what it is told to keep quiet about. */
    private TestBackend quickBut(String quietAbout) throws Exception {
        return backend(peer -> {
            while (!Message.readRequest(peer).body().contains(quietAbout)) {
                peer.write(OK);
            }
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    private Message ask(TestBalancer balancer, String prompt) throws Exception {
        RawConnection client = client(balancer);
        client.write(chat(prompt));
        return Message.readResponse(client);
    }

    /** Once enough is known of the first backend; it is asked for something quick before each try. */
    private void awaitDecision(TestBalancer balancer, String why) {
        await().pollDelay(Duration.ZERO).until(() -> {
            for (int i = 0; i < 5; i++) {
                ask(balancer, "quick");
            }
            Message answer = ask(balancer, "quiet");
            return answer.status() == 200
                    && answer.header("x-crowfly-backend").equals("b")
                    && answer.header("x-crowfly-decision").startsWith(why);
        });
    }

    @Test
    void aRequestThatWaitsHopelesslyIsSentToTheNext() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", quickBut("quiet"))
                .backend("b", backend(OK))
                .withLines(MORE));
        awaitDecision(balancer, "next best after a: no answer in time");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeWinsAgainstASlowAttemptWhichIsCancelled() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", quickBut("quiet"))
                .backend("b", backend(OK))
                .withLines("routing: {hedge: {budget: 100%}}\n" + MORE));
        awaitDecision(balancer, "beside a, which is slow");
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void aHedgeThatIsBeatenIsCancelled() throws Exception {
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
                .withLines("routing: {hedge: {budget: 100%}}\n" + MORE));
        await().until(() -> {
            for (int i = 0; i < 5; i++) {
                ask(balancer, "quick");
            }
            return ask(balancer, "quiet").status() == 200 && cancelled.getCount() == 0;
        });
    }

    @Test
    void thereIsNoHedgeWithoutABudgetForIt() throws Exception {
        TestBackend second = backend(OK);
        CountDownLatch late = new CountDownLatch(1);
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
            ask(balancer, "quick");
        }
        RawConnection client = client(balancer);
        client.write(chat("quiet"));
        // An idle connection's end tells that so much time has passed.
        assertThat(idle.readToEnd().text()).isEmpty();
        late.countDown();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(second.connections()).isZero();
    }
}
