package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Retries and hedges of requests whose backend is slow compared with earlier requests. Fault T2. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class SlowBackendTest extends LateBackendTestbed {

    @Override
    String request(String prompt) {
        String body = "{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private TestBalancer balancerWithLateA(String conf) throws Exception {
        return balancer(Setup.NONE
                .backend("a", lateBackend(OK, ""))
                .backend("b", backend(OK))
                .withLines(conf));
    }

    @Test
    void retriesAtTheNextBackendWhenTheWaitIsHopeless() throws Exception {
        awaitServedByB(balancerWithLateA(CONF), "next best after a: no response in time");
    }

    @Test
    void aHedgeThatIsFasterCancelsTheSlowAttempt() throws Exception {
        awaitServedByB(balancerWithLateA(HEDGES + CONF), "beside a, which is slow");
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
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", first).backend("b", second).withLines(HEDGES + CONF));
        await().until(() -> sendLate(balancer).status() == 200 && cancelled.getCount() == 0);
    }

    /** Each 401 ejects its backend, whichever of the two the balancer receives first. */
    @Test
    void recordsTheRefusedCredentialsOfASlowAttemptAndOfItsHedge() throws Exception {
        String refusal = OK.replace("200 OK", "401 No");
        CountDownLatch hedged = new CountDownLatch(1);
        TestBackend first = backend(peer -> {
            while (peer.hasInput()) {
                boolean quiet = Message.readRequest(peer).body().contains("quiet");
                if (quiet) {
                    hedged.await();
                }
                peer.write(quiet ? refusal : OK);
            }
        });
        TestBackend second = backend(peer -> {
            while (peer.hasInput()) {
                boolean quiet = Message.readRequest(peer).body().contains("quiet");
                peer.write(quiet ? refusal : OK);
                hedged.countDown();
            }
        });
        String more = "provider: openai, credential: {bearer: k}";
        TestBalancer balancer = balancer(
                Setup.NONE.backend("a", first, more).backend("b", second, more).withLines(HEDGES + CONF));
        assertThat(sendLate(balancer).status()).isEqualTo(502);
        await().until(() -> {
            try (RawConnection admin = RawConnection.connect(balancer.adminPort())) {
                admin.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
                String metrics = Message.readResponse(admin).body();
                return metrics.lines()
                                .filter(line ->
                                        line.startsWith("crowfly_backend_unauthorized{") && line.endsWith(" 1.0"))
                                .count()
                        == 2;
            }
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
        client.write(request("quiet"));
        // The end of an idle connection shows that the idle timeout has passed.
        assertThat(idle.readToEnd().text()).isEmpty();
        late.countDown();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        // Exploration may have sent another request there.
        assertThat(bodiesAtSecond).noneMatch(body -> body.contains("quiet"));
    }
}
