package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Requests that continue a stored response. Backend {@code a} is preferred, and backend {@code b} owns the response
 * {@code resp_1}.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class OwnerRetryTest extends Testbed {

    private static final TestStream RESPONSES = TestStream.RESPONSES;
    private static final String RESET = "reset";
    private static final String CONTINUING = "\"previous_response_id\":\"resp_1\",";
    private static final String UNAVAILABLE = "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy";

    private final AtomicInteger atFirst = new AtomicInteger();
    private final AtomicInteger atOwner = new AtomicInteger();

    /** Responses of the owner, in order. After these, each response is a whole stream. */
    private final Queue<String> ofOwner = new ConcurrentLinkedQueue<>();

    /** A backend that is unavailable once, so that the first response is created at the owner. */
    private TestBackend first() throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                peer.write(atFirst.incrementAndGet() == 1 ? UNAVAILABLE : RESPONSES.response("from a"));
            }
        });
    }

    private TestBackend owner() throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                atOwner.incrementAndGet();
                String response = ofOwner.isEmpty() ? RESPONSES.response("from b") : ofOwner.remove();
                if (response.equals(RESET)) {
                    peer.reset();
                    return;
                }
                peer.write(response);
            }
        });
    }

    private RawConnection client() throws Exception {
        return client(balancer(Setup.NONE
                .backend("a", first())
                .backend("b", owner())
                .withLines("trace-decisions: true\nrouting: {retry: {budget: 100%}, tier-tolerance: unlimited}")));
    }

    private Message send(RawConnection client, String fields) throws Exception {
        client.write(RESPONSES.request("m", "x", fields));
        return Message.readResponse(client);
    }

    private RawConnection clientAfterCreation() throws Exception {
        RawConnection client = client();
        assertThat(send(client, "").body()).isEqualTo(RESPONSES.text("from b"));
        return client;
    }

    @Test
    void theRequestIsRepeatedAtTheOwner() throws Exception {
        RawConnection client = clientAfterCreation();
        List<String> failures = List.of(
                UNAVAILABLE,
                UNAVAILABLE.replace("503", "409"),
                UNAVAILABLE.replace("503", "529"),
                RESET,
                "SSH-2.0\r\n\r\n",
                TestStream.HEAD + TestStream.chunk(RESPONSES.error("server_error")) + TestStream.END,
                TestStream.HEAD + TestStream.chunk(RESPONSES.beginning) + TestStream.END);
        for (String failure : failures) {
            ofOwner.add(failure);
            Message response = send(client, CONTINUING);
            assertThat(response.body()).as(failure).isEqualTo(RESPONSES.text("from b"));
            // A connection that was used before has probably been idle for too long: not a retry, only a new
            // connection.
            assertThat(response.header("x-crowfly-decision"))
                    .startsWith(failure.equals(RESET) ? "owns what the request refers to" : "retry at owner b: ");
            // Between failures, so that the owner is not ejected.
            assertThat(send(client, CONTINUING).status()).isEqualTo(200);
        }
        assertThat(atOwner).hasValue(1 + 3 * failures.size());
        assertThat(atFirst).hasValue(1);
    }

    @Test
    void theRequestIsRepeatedOnce() throws Exception {
        RawConnection client = clientAfterCreation();
        ofOwner.addAll(List.of(UNAVAILABLE, UNAVAILABLE));
        Message response = send(client, CONTINUING);
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("busy");
        assertThat(response.header("x-should-retry")).isEqualTo("false");
        assertThat(atOwner).hasValue(3);
        assertThat(atFirst).hasValue(1);
    }

    @Test
    void aRateLimitOfTheOwnerIsDeliveredAtOnce() throws Exception {
        RawConnection client = clientAfterCreation();
        ofOwner.add(UNAVAILABLE.replace("503", "429"));
        Message response = send(client, CONTINUING);
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.has("x-should-retry")).isFalse();
        assertThat(atOwner).hasValue(2);
        assertThat(atFirst).hasValue(1);
    }

    @Test
    void aRequestThatMustRunOnceIsNotRepeated() throws Exception {
        RawConnection client = clientAfterCreation();
        for (String once : List.of("\"background\":true,", "\"conversation\":\"conv_1\",")) {
            ofOwner.add(UNAVAILABLE);
            assertThat(send(client, CONTINUING + once).status()).isEqualTo(503);
        }
        assertThat(atOwner).hasValue(3);
        assertThat(atFirst).hasValue(1);
    }

    @Test
    void withoutAKnownOwnerTheRequestIsNotRepeated() throws Exception {
        Message response = send(client(), CONTINUING.replace("resp_1", "resp_2"));
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.has("x-should-retry")).isFalse();
        assertThat(atFirst).hasValue(1);
        assertThat(atOwner).hasValue(0);
    }
}
