package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TokenDialects;
import io.crowfly.balancer.testbed.Wire;
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

/** What backends are shown: requests go on while credentials are renewed, refused, late or gone. */
class CredentialTest extends Testbed {

    private static final String BODY = "{\"model\":\"m\"}";
    private static final String CHAT =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer client\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n" + BODY;

    /** What the backend takes at the moment. */
    private final AtomicReference<String> good = new AtomicReference<>("");

    /** What it has been shown, the client's own credential if that were to reach it. */
    private final Set<String> shown = ConcurrentHashMap.newKeySet();

    private final TestBackend.Script strict = peer -> {
        while (peer.saysAnything()) {
            Message request = Message.readRequest(peer);
            String its = request.has("api-key") ? request.header("api-key") : request.header("authorization");
            shown.add(its);
            boolean in = its.equals(good.get()) || good.get().equals("Bearer *") && its.startsWith("Bearer token-");
            peer.write("HTTP/1.1 " + (in ? "200 OK" : "401 Unauthorized") + "\r\nContent-Length: 2\r\n\r\n{}");
        }
    };

    private static int status(Wire client) throws Exception {
        client.write(CHAT);
        return Message.readAnswer(client).status();
    }

    /** Its backend is no known one: a probe reaches it only if the key has been read by then. */
    private TestBalancer keyed(Path key) throws Exception {
        return balancer(Setup.NONE.backend("{name: a, provider: azure, url: \"http://127.0.0.1:"
                + backend(strict).port() + "\", credential: {api-key: \"${file:" + key + "}\"}}"));
    }

    /** Its backend is no known one: no probe reaches it before there is a token. */
    private static Setup tokened(TestTokenServer server, TestBackend backend) {
        return Setup.NONE.backend("{name: a, provider: google, project: p, location: l1, url: \"http://127.0.0.1:"
                + backend.port() + "\", credential: {metadata-server: {host: \"" + server.uri("") + "\"}}}");
    }

    private TestTokenServer metadataServer() throws Exception {
        return closing(new TestTokenServer(InstantSource.system(), TokenDialects.metadataServer("default")));
    }

    @Test
    void aKeyThatWasRotatedIsShownAtOnceWhenTheOldOneIsRefused() throws Exception {
        Path key = Files.writeString(directory.resolve("key"), "old");
        good.set("old");
        Wire client = client(keyed(key));
        assertThat(status(client)).isEqualTo(200);
        Files.writeString(key, "new");
        good.set("new");
        assertThat(status(client)).isEqualTo(200);
        assertThat(shown).containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void aKeyThatIsRefusedAndIsTheOnlyOneIsAskedForNoMoreThanOnce() throws Exception {
        Path key = Files.writeString(directory.resolve("key"), "old");
        TestBalancer balancer = keyed(key);
        Wire client = client(balancer);
        // The client's own has nothing to do with it.
        assertThat(status(client)).isEqualTo(502);
        assertThat(shown).containsExactly("old");
    }

    @Test
    void aTokenThatIsRefusedIsGotAnewAndTheRequestMadeAgain() throws Exception {
        TestTokenServer server = metadataServer();
        good.set("Bearer token-1");
        Wire client = client(balancer(tokened(server, backend(strict))));
        await().until(() -> status(client) == 200);
        good.set("Bearer token-2");
        assertThat(status(client)).isEqualTo(200);
        assertThat(server.requests()).hasSize(2);
        assertThat(shown).containsExactlyInAnyOrder("Bearer token-1", "Bearer token-2");
    }

    @Test
    void noRequestFailsWhileTokensAreRenewed() throws Exception {
        TestTokenServer server = metadataServer();
        server.life(Duration.ofSeconds(6));
        good.set("Bearer *");
        TestBalancer balancer = balancer(tokened(server, backend(strict)));
        try (Wire first = balancer.client()) {
            await().until(() -> status(first) == 200);
        }
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Future<Set<Integer>>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(clients.submit(() -> {
                    Set<Integer> statuses = ConcurrentHashMap.newKeySet();
                    try (Wire client = balancer.client()) {
                        while (shown.size() < 2) {
                            statuses.add(status(client));
                        }
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
        assertThat(shown).hasSizeGreaterThanOrEqualTo(2).doesNotContain("Bearer client");
    }

    @Test
    void aBackendWithoutATokenFailsNoRequestHoweverManyChooseIt() throws Exception {
        TestTokenServer server = metadataServer();
        for (int i = 0; i < 100; i++) {
            server.script("404 Not Found", "{}");
        }
        // Probes that show no credential hold it to be well.
        Setup setup = tokened(server, backend(strict)).backend("b", backend(OK)).probes("{interval: 100ms, tcp: {}}");
        TestBalancer balancer = balancer(setup.and("routing: {policy: round-robin}"));
        Wire client = client(balancer);
        // Until probes have found the other one well.
        await().until(() -> status(client) == 200);
        for (int i = 0; i < 50; i++) {
            assertThat(status(client)).isEqualTo(200);
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void aBackendWithoutATokenIsPassedOver() throws Exception {
        TestTokenServer server = metadataServer();
        for (int i = 0; i < 100; i++) {
            server.script("404 Not Found", "{}");
        }
        TestBackend second = backend(OK);
        TestBackend first = backend(strict);
        TestBalancer balancer = balancer(tokened(server, first).backend("b", second));
        Wire client = client(balancer);
        assertThat(status(client)).isEqualTo(200);
        assertThat(first.connections()).isZero();
        assertThat(second.connection(0).received()).contains("/v1/chat/completions");
    }
}
