package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Which errors of backends are delivered to the client, and which are retried. Faults T1, T7, T13 and T16; T2 is in
 * {@link SlowBackendTest}, T3, T6 and T15 in {@link FailoverTest}, T14 in {@code TrailersTest} and
 * {@code HeaderForwardingTest}, T17 in {@code ClientDisconnectTest}.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class RetryTest extends Testbed {

    private static final String OWN_CREDENTIAL = "provider: openai, credential: {bearer: ours}";
    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";
    private static final String BODY = "{\"model\":\"m\"}";

    /** Body of a response that must be processed at most once. */
    private static final String ONCE = "{\"model\":\"m\",\"conversation\":\"conv_1\"}";

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static String error(int status, String headers, String body) {
        return "HTTP/1.1 " + status + " Error\r\nContent-Length: " + body.length() + "\r\n" + headers + "\r\n" + body;
    }

    private Message send(TestBalancer balancer, String path, String body) throws Exception {
        RawConnection client = client(balancer);
        client.write(post(path, body));
        return Message.readResponse(client);
    }

    private TestBalancer balancer(TestBackend... inOrder) throws Exception {
        Setup setup = Setup.NONE;
        for (int i = 0; i < inOrder.length; i++) {
            setup = setup.backend(Character.toString('a' + i), inOrder[i], OWN_CREDENTIAL);
        }
        return balancer(setup);
    }

    @Test
    void retriesAfterAnErrorThatAnotherBackendMayNotReturn() throws Exception {
        for (int status : new int[] {401, 403, 408, 409, 429, 500, 502, 503, 504, 507, 520, 524, 529, 599}) {
            for (String path : new String[] {CHAT, RESPONSES}) {
                Message response = send(balancer(backend(error(status, "", "no")), backend(OK)), path, BODY);
                assertThat(response.status()).as("after %s", status).isEqualTo(200);
                assertThat(response.body()).isEqualTo("ok");
                assertThat(response.has("x-should-retry")).isFalse();
            }
        }
    }

    @Test
    void deliversAnErrorCausedByTheRequestUnchanged() throws Exception {
        for (int status : new int[] {400, 404, 405, 413, 415, 422, 431, 501, 505}) {
            TestBackend second = backend(OK);
            Message response = send(balancer(backend(error(status, "x-from: a\r\n", "no")), second), CHAT, BODY);
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.header("x-from")).isEqualTo("a");
            assertThat(response.body()).isEqualTo("no");
            assertThat(response.has("x-should-retry")).isFalse();
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void deliversA401ForTheClientsOwnCredential() throws Exception {
        TestBackend second = backend(OK);
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(error(401, "", "no")), "provider: openai, credential: {passthrough: true}")
                .backend("b", second));
        assertThat(send(balancer, CHAT, BODY).status()).isEqualTo(401);
        assertThat(second.connections()).isZero();
    }

    @Test
    void doesNotRetryACreatingRequestAfterAnErrorThatMayFollowProcessing() throws Exception {
        for (int status : new int[] {408, 409, 500, 502, 503, 504, 529}) {
            TestBackend second = backend(OK);
            Message response = send(balancer(backend(error(status, "", "no")), second), RESPONSES, ONCE);
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.has("x-should-retry")).isFalse();
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void retriesACreatingRequestAfterARejection() throws Exception {
        for (int status : new int[] {401, 403, 429}) {
            Message response = send(balancer(backend(error(status, "", "no")), backend(OK)), RESPONSES, ONCE);
            assertThat(response.status()).isEqualTo(200);
        }
    }

    @Test
    void doesNotRetryACreatingRequestThatWasWrittenToAClosingConnection() throws Exception {
        for (boolean idleBefore : new boolean[] {false, true}) {
            TestBackend first = backend(peer -> {
                if (idleBefore) {
                    Message.readRequest(peer);
                    peer.write(OK);
                }
                Message.readRequest(peer);
                peer.reset();
            });
            TestBackend second = backend(OK);
            TestBalancer balancer = balancer(first, second);
            if (idleBefore) {
                send(balancer, CHAT, BODY);
            }
            assertThat(send(balancer, RESPONSES, ONCE).status()).isEqualTo(502);
            assertThat(first.connections()).isEqualTo(1);
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void retriesACreatingRequestWithoutAConnection() throws Exception {
        TestBackend first = backend(OK);
        TestBalancer balancer = balancer(first, backend(OK));
        first.refuseConnections();
        assertThat(send(balancer, "/v1/files", BODY).status()).isEqualTo(200);
    }

    /** T16, with another backend. */
    @Test
    void sendsTheCompleteRequestToTheNextBackendAfterARejectionDuringTheBody() throws Exception {
        String body = "{\"model\":\"m\",\"prompt\":\"" + "0123456789".repeat(10) + "\"}";
        CountDownLatch refused = new CountDownLatch(1);
        TestBackend first = backend(peer -> {
            peer.readHead();
            peer.write(error(429, "", "no"));
            peer.readToEnd();
        });
        TestBackend second = backend(peer -> {
            peer.readHead();
            refused.countDown();
            assertThat(peer.read(body.length())).isEqualTo(body);
            peer.write(OK);
        });
        RawConnection client = client(balancer(first, second));
        String request = post(CHAT, body);
        client.write(request.substring(0, request.length() - 50));
        refused.await();
        client.write(request.substring(request.length() - 50));
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    /** T13: Google's errors for streams. */
    @Test
    void detectsAnErrorByItsStatusWhateverItsContentType() throws Exception {
        String array =
                "[{\"error\":{\"code\":429,\"message\":\"Resource exhausted.\",\"status\":\"RESOURCE_EXHAUSTED\"}}\n]";
        String google = error(429, "Content-Type: text/event-stream\r\n", array);
        assertThat(send(balancer(backend(google), backend(OK)), CHAT, BODY).status())
                .isEqualTo(200);
        Message alone = send(balancer(backend(google)), CHAT, BODY);
        assertThat(alone.status()).isEqualTo(429);
        assertThat(alone.body()).isEqualTo(array);
    }

    @Test
    void retriesAtTheNextBackendWhenTheFirstDoesNotHaveTheModel() throws Exception {
        for (String body : List.of(
                "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API deployment does not exist.\"}}",
                "{\"error\":{\"message\":\"No such model\",\"param\":null,\"code\":\"model_not_found\"}}",
                "[{\"error\":{\"code\":404,\"message\":\"Publisher Model was not found\",\"status\": \"NOT_FOUND\"}}\n]")) {
            TestBackend first = backend(peer -> {
                Message.readRequest(peer);
                peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: " + body.length() + "\r\n\r\n"
                        + body.substring(0, 30));
                peer.write(body.substring(30));
                peer.readToEnd();
            });
            assertThat(send(balancer(first, backend(OK)), CHAT, BODY).status()).isEqualTo(200);
            Message alone = send(balancer(backend(error(404, "", body))), CHAT, BODY);
            assertThat(alone.status()).isEqualTo(404);
            assertThat(alone.body()).isEqualTo(body);
        }
    }

    @Test
    void deliversThe429WithTheEarliestRetryTime() throws Exception {
        for (boolean soonestFirst : new boolean[] {false, true}) {
            TestBackend late = backend(error(429, "retry-after: 12\r\nretry-after-ms: 11480\r\n", "late"));
            TestBackend soon = backend(error(429, "retry-after-ms: 350\r\n", "soon"));
            TestBackend withoutHint = backend(error(429, "", "without hint"));
            Message response = send(
                    soonestFirst ? balancer(soon, late, withoutHint) : balancer(withoutHint, late, soon), CHAT, BODY);
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.header("retry-after-ms")).isEqualTo("350");
            assertThat(response.header("x-should-retry")).isEqualTo("false");
            assertThat(response.body()).isEqualTo("soon");
        }
    }

    @Test
    void deliversTheMostUsefulOfSeveralErrors() throws Exception {
        ConnectionScript broken = peer -> {
            Message.readRequest(peer);
            peer.reset();
        };
        TestBackend refused = backend(error(401, "", "401"));
        TestBackend failed = backend(error(500, "", "500"));
        TestBackend unavailable = backend(error(503, "", "503"));
        TestBackend throttled = backend(error(429, "", "429"));
        TestBackend badRequest = backend(error(400, "", "400"));
        assertThat(send(balancer(backend(broken), refused), CHAT, BODY).body()).contains("backend_credential_refused");
        assertThat(send(balancer(refused, failed, backend(broken)), CHAT, BODY).body())
                .isEqualTo("500");
        assertThat(send(balancer(unavailable, failed), CHAT, BODY).body()).isEqualTo("503");
        assertThat(send(balancer(unavailable, throttled, failed), CHAT, BODY).body())
                .isEqualTo("429");
        assertThat(send(balancer(throttled, badRequest), CHAT, BODY).body()).isEqualTo("400");
    }

    @Test
    void deliversAHeldErrorCompletelyWhateverItsLength() throws Exception {
        String body = "0123456789".repeat(50_000);
        CountDownLatch secondRequested = new CountDownLatch(1);
        TestBackend first = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 503 Busy\r\nContent-Length: " + body.length() + "\r\n\r\n" + body.substring(0, 9));
            secondRequested.await();
            peer.write(body.substring(9));
            peer.readToEnd();
        });
        TestBackend second = backend(peer -> {
            Message.readRequest(peer);
            secondRequested.countDown();
            peer.write(error(500, "", "no"));
        });
        Message response = send(balancer(first, second), CHAT, BODY);
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).isEqualTo(body);
    }

    @Test
    void ignoresAnInterruptedErrorDuringARetry() throws Exception {
        TestBackend broken = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 500 Error\r\nContent-Length: 100\r\n\r\nbroken");
            peer.reset();
        });
        assertThat(send(balancer(broken, backend(error(503, "", "whole"))), CHAT, BODY)
                        .body())
                .isEqualTo("whole");
    }

    @Test
    void reusesTheConnectionOfAnErrorThatIsNotDelivered() throws Exception {
        TestBackend first = backend(error(503, "", "no"));
        TestBalancer balancer = balancer(first, backend(OK));
        for (int i = 0; i < 2; i++) {
            assertThat(send(balancer, CHAT, BODY).status()).isEqualTo(200);
        }
        assertThat(first.connections()).isEqualTo(1);
    }

    @Test
    void deliversTheFirstErrorWhenTheBudgetIsUsedUp() throws Exception {
        TestBackend second = backend(OK);
        Message response = send(
                balancer(Setup.NONE
                        .backend("a", backend(error(500, "", "no")))
                        .backend("b", second)
                        .withLines("routing: {retry: {budget: 0%}}")),
                CHAT,
                BODY);
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.header("x-should-retry")).isEqualTo("false");
        assertThat(second.connections()).isZero();
    }

    @Test
    void tellsTheClientNotToRetryAfterAllBackendsFailed() throws Exception {
        ConnectionScript broken = peer -> {
            Message.readRequest(peer);
            peer.reset();
        };
        Message response = send(balancer(backend(broken), backend(broken)), CHAT, BODY);
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("x-should-retry")).isEqualTo("false");
    }

    /** T1 */
    @Test
    void retriesWhenTheTlsHandshakeTimesOut() throws Exception {
        TestBackend silent = backend(peer -> peer.readToEnd());
        Message response = send(
                balancer(Setup.NONE
                        .backend("{name: a, provider: openai, url: \"https://127.0.0.1:" + silent.port() + "\"}")
                        .backend("b", backend(OK))
                        .withLines("timeouts: {connect: 1s}\ntrace-decisions: true")),
                RESPONSES,
                ONCE);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("x-crowfly-decision")).startsWith("next best after a: no connection");
    }

    @Test
    void namesTheRuleThatLeavesNoBackend() throws Exception {
        TestBackend gone = backend(OK);
        gone.close();
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", gone, "provider: openai, labels: {zone: eu}")
                .backend("b", backend(OK), "provider: openai")
                .probes("{tcp: {}, interval: 20ms, unhealthy-after: 1}")
                .withLines(
                        "routing: {panic: false, rules: [{name: stay-in-eu, when: {path: /v1/*}, only: {labels: {zone:"
                                + " eu}}}]}"));
        Awaitility.await().until(() -> send(balancer, CHAT, BODY).status() == 503);
        assertThat(send(balancer, CHAT, BODY).body()).contains("`stay-in-eu`");
    }

    /** T7: the stream passes unchanged and is flagged. */
    @Test
    void flagsATruncatedTokenStreamAndLogsTheAttempts() throws Exception {
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
        Path log = directory.resolve("access.log");
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(error(429, "", "no")))
                .backend(
                        "b",
                        backend("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
                                + event.length() + "\r\n\r\n" + event))
                .withLines("access-log: access.log"));
        assertThat(send(balancer, CHAT, BODY).body()).isEqualTo(event);
        Awaitility.await().until(() -> Files.size(log) > 0);
        assertThat(log)
                .content()
                .contains("\"way\":\"a: 429, b: 200\"", "\"truncated\":true", "\"ttftMs\":", "\"attempts\":2");
    }
}
