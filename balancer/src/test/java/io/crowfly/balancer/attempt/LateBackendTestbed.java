package io.crowfly.balancer.attempt;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;

/**
 * Base class of tests of requests whose backend is late compared with earlier requests. Backend {@code a} is late with
 * the prompt "quiet", and backend {@code b} never is.
 */
abstract class LateBackendTestbed extends Testbed {

    static final String CONF = "trace-decisions: true\ntimeouts: {first-byte: 3s}\n";
    static final String HEDGES = "routing: {hedge: {budget: 100%}}\n";

    private static final int QUICK_REQUESTS = 20;

    /** Counted down when a late attempt is cancelled. */
    final CountDownLatch cancelled = new CountDownLatch(1);

    abstract String request(String prompt);

    /**
     * Returns a backend that sends the response at once, except to the prompt "quiet".
     *
     * @param beginning what the backend sends in that case
     */
    TestBackend lateBackend(String response, String beginning) throws Exception {
        return backend(peer -> {
            while (!Message.readRequest(peer).body().contains("quiet")) {
                peer.write(response);
            }
            peer.write(beginning);
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    Message send(TestBalancer balancer, String prompt) throws Exception {
        try (RawConnection client = balancer.client()) {
            client.write(request(prompt));
            return Message.readResponse(client);
        }
    }

    /** Sends quick requests, from which the balancer learns the usual latency, and then the late one. */
    Message sendLate(TestBalancer balancer) throws Exception {
        for (int i = 0; i < QUICK_REQUESTS; i++) {
            send(balancer, "quick");
        }
        return send(balancer, "quiet");
    }

    /** Waits until a late request is served by {@code b}, for a reason that begins with this text. */
    void awaitServedByB(TestBalancer balancer, String reason) {
        await().until(() -> {
            Message response = sendLate(balancer);
            return response.status() == 200
                    && response.header("x-crowfly-backend").equals("b")
                    && response.header("x-crowfly-decision").startsWith(reason);
        });
        await().until(() -> cancelled.getCount() == 0);
    }
}
