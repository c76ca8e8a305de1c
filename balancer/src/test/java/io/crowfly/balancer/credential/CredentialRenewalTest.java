package io.crowfly.balancer.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import io.crowfly.balancer.testbed.TokenDialects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Requests succeed while their backends' credentials are renewed, refused, late or missing. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class CredentialRenewalTest extends Testbed {

    private static final String BODY = "{\"model\":\"m\"}";
    private static final String CHAT =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer client\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n" + BODY;

    /** The credential that the backend accepts now. {@code Bearer *} accepts every token of the token server. */
    private final AtomicReference<String> accepted = new AtomicReference<>("");

    /** The credentials that the backend received, including the client's own if it were forwarded. */
    private final Set<String> received = ConcurrentHashMap.newKeySet();

    private final TestBackend.ConnectionScript checksCredential = peer -> {
        while (peer.hasInput()) {
            Message request = Message.readRequest(peer);
            String credential = request.has("api-key") ? request.header("api-key") : request.header("authorization");
            received.add(credential);
            boolean valid = credential.equals(accepted.get())
                    || accepted.get().equals("Bearer *") && credential.startsWith("Bearer token-");
            peer.write("HTTP/1.1 " + (valid ? "200 OK" : "401 Unauthorized") + "\r\nContent-Length: 2\r\n\r\n{}");
        }
    };

    private static int status(RawConnection client) throws Exception {
        client.write(CHAT);
        return Message.readResponse(client).status();
    }

    /** Adds the backend as a plain entry, because start must not wait for a probe before the key has been read. */
    private TestBalancer balancerWithKey(Path key) throws Exception {
        return balancer(Setup.NONE.backend("{name: a, provider: azure, url: \"http://127.0.0.1:"
                + backend(checksCredential).port() + "\", credential: {api-key: \"${file:" + key + "}\"}}"));
    }

    /** Adds the backend as a plain entry, because start must not wait for a probe before there is a token. */
    private static Setup setupWithToken(TestTokenServer server, TestBackend backend) {
        return Setup.NONE.backend("{name: a, provider: google, project: p, location: l1, url: \"http://127.0.0.1:"
                + backend.port() + "\", credential: {metadata-server: {host: \"" + server.uri("") + "\"}}}");
    }

    private TestTokenServer metadataServer() throws Exception {
        return closing(new TestTokenServer(InstantSource.system(), TokenDialects.metadataServer("default")));
    }

    @Test
    void usesARotatedKeyAtOnceWhenTheOldKeyIsRefused() throws Exception {
        Path key = Files.writeString(directory.resolve("key"), "old");
        accepted.set("old");
        RawConnection client = client(balancerWithKey(key));
        assertThat(status(client)).isEqualTo(200);
        Files.writeString(key, "new");
        accepted.set("new");
        assertThat(status(client)).isEqualTo(200);
        assertThat(received).containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void doesNotRetryARefusedKeyThatIsTheOnlyOne() throws Exception {
        Path key = Files.writeString(directory.resolve("key"), "old");
        TestBalancer balancer = balancerWithKey(key);
        RawConnection client = client(balancer);
        // The client's own credential must not be tried.
        assertThat(status(client)).isEqualTo(502);
        assertThat(received).containsExactly("old");
    }

    @Test
    void renewsARefusedTokenAndRetriesTheRequest() throws Exception {
        TestTokenServer server = metadataServer();
        accepted.set("Bearer token-1");
        RawConnection client = client(balancer(setupWithToken(server, backend(checksCredential))));
        await().until(() -> status(client) == 200);
        accepted.set("Bearer token-2");
        assertThat(status(client)).isEqualTo(200);
        assertThat(server.requests()).hasSize(2);
        assertThat(received).containsExactlyInAnyOrder("Bearer token-1", "Bearer token-2");
    }

    @Test
    void aRequestWaitsForANewTokenUntilTheFirstByteTimeout() throws Exception {
        TestTokenServer server = metadataServer();
        accepted.set("Bearer token-1");
        Setup setup = setupWithToken(server, backend(checksCredential));
        RawConnection client = client(balancer(setup.withLines("timeouts: {first-byte: 1s, idle: 300ms}")));
        await().until(() -> status(client) == 200);
        server.holdResponses();
        accepted.set("Bearer token-2");
        // The idle timeout would be a 504. The first-byte timeout ends the wait, and the refused token is a 502.
        assertThat(status(client)).isEqualTo(502);
        assertThat(received).containsExactly("Bearer token-1");
    }

    @Test
    void noRequestFailsWhileTokensAreRenewed() throws Exception {
        TestTokenServer server = metadataServer();
        server.setTokenLifetime(Duration.ofSeconds(4));
        accepted.set("Bearer *");
        TestBalancer balancer = balancer(setupWithToken(server, backend(checksCredential)));
        try (RawConnection first = balancer.client()) {
            await().until(() -> status(first) == 200);
        }
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try {
            List<Future<Set<Integer>>> all = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                all.add(clients.submit(() -> {
                    Set<Integer> statuses = ConcurrentHashMap.newKeySet();
                    try (RawConnection client = balancer.client()) {
                        // Some hundred requests per second are enough; more would slow down other tests.
                        await().pollInterval(Duration.ofMillis(1)).until(() -> {
                            statuses.add(status(client));
                            return received.size() >= 2;
                        });
                    }
                    return statuses;
                }));
            }
            for (Future<Set<Integer>> each : all) {
                assertThat(each.get()).containsExactly(200);
            }
        } finally {
            clients.shutdownNow();
        }
        assertThat(received).hasSizeGreaterThanOrEqualTo(2).doesNotContain("Bearer client");
    }

    @Test
    void aBackendWithoutATokenFailsNoRequest() throws Exception {
        TestTokenServer server = metadataServer();
        for (int i = 0; i < 100; i++) {
            server.scriptResponse("404 Not Found", "{}");
        }
        // TCP probes send no credential, so they find backend `a` healthy.
        Setup setup = setupWithToken(server, backend(checksCredential))
                .backend("b", backend(OK))
                .probes("{interval: 100ms, tcp: {}}");
        TestBalancer balancer = balancer(setup.withLines("routing: {policy: round-robin}"));
        RawConnection client = client(balancer);
        // Wait until probes have found backend `b` healthy.
        await().until(() -> status(client) == 200);
        for (int i = 0; i < 50; i++) {
            assertThat(status(client)).isEqualTo(200);
        }
        assertThat(received).isEmpty();
    }

    @Test
    void skipsABackendWithoutAToken() throws Exception {
        TestTokenServer server = metadataServer();
        for (int i = 0; i < 100; i++) {
            server.scriptResponse("404 Not Found", "{}");
        }
        TestBackend second = backend(OK);
        TestBackend first = backend(checksCredential);
        TestBalancer balancer = balancer(setupWithToken(server, first).backend("b", second));
        RawConnection client = client(balancer);
        assertThat(status(client)).isEqualTo(200);
        assertThat(first.connections()).isZero();
        assertThat(second.connection(0).received()).contains("/v1/chat/completions");
    }
}
