package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RedisServer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Instances that share by Redis where things are kept. Those that make things prefer backend {@code a}, those that ask for them
 * {@code b}: one or the other is asked in vain wherever nobody knows better.
 */
class SharedAffinityIT extends Testbed {

    private static final String OPENAI = "provider: openai, credential: {bearer: key-";

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger inVain = new AtomicInteger();

    private RedisServer redis = null;
    private TestBackend a = null;
    private TestBackend b = null;

    @BeforeEach
    void start() throws Exception {
        redis = closing(new RedisServer(directory));
        redis.start();
        a = backend(keeping("a"));
        b = backend(keeping("b"));
    }

    /** Makes responses with its own name in their ids, and has no others. */
    private TestBackend.Script keeping(String name) {
        return peer -> {
            while (peer.saysAnything()) {
                Message request = Message.readRequest(peer);
                if (request.target().equals("/v1/realtime/client_secrets")) {
                    answer(peer, "200 OK", "{\"value\":\"ek_" + name + made.incrementAndGet() + "\"}");
                } else if (request.target().equals("/v1/realtime/calls")) {
                    answer(peer, "200 OK", name + " was shown " + request.header("authorization"));
                } else if (request.startLine().startsWith("POST")) {
                    answer(peer, "200 OK", "{\"id\":\"resp_" + name + made.incrementAndGet() + "\"}");
                } else if (request.target().contains("resp_" + name)) {
                    answer(peer, "200 OK", "{\"by\":\"" + name + "\"}");
                } else {
                    inVain.incrementAndGet();
                    answer(peer, "404 Not Found", "{\"error\":{\"message\":\"No such response\"}}");
                }
            }
        };
    }

    private static void answer(Wire peer, String status, String body) throws Exception {
        peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private TestBalancer instance(String first, TestBackend itsFirst, String second, TestBackend itsSecond)
            throws Exception {
        Setup setup = Setup.NONE
                .backend(first, itsFirst, OPENAI + first + "}")
                .backend(second, itsSecond, OPENAI + second + "}")
                .and("state: {redis: {url: \"" + redis.url() + "\", timeout: 200ms}}");
        return closing(TestBalancer.start(Files.createTempDirectory(directory, "instance"), setup));
    }

    private TestBalancer making() throws Exception {
        return instance("a", a, "b", b);
    }

    private TestBalancer asking() throws Exception {
        return instance("b", b, "a", a);
    }

    private static String make(Wire client) throws Exception {
        client.write("POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n{\"input\":1}");
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().substring("{\"id\":\"".length(), answer.body().length() - "\"}".length());
    }

    private static void ask(Wire client, String id) throws Exception {
        client.write("GET /v1/responses/" + id + " HTTP/1.1\r\nHost: h\r\n\r\n");
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"by\":\"" + id.charAt("resp_".length()) + "\"}");
    }

    /** Whether the instance finds it without trying where it is not. */
    private boolean knows(Wire client, String id) throws Exception {
        int before = inVain.get();
        ask(client, id);
        return inVain.get() == before;
    }

    @Test
    void whatWasMadeByWayOfOneInstanceIsFoundByWayOfAnother() throws Exception {
        Wire maker = client(making());
        Wire asker = client(asking());
        await().until(() -> knows(asker, make(maker)));
    }

    private static String realtime(Wire client, String operation, String credential) throws Exception {
        client.write("POST /v1/realtime/" + operation + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + credential
                + "\r\nContent-Type: application/sdp\r\nContent-Length: 1\r\n\r\nv");
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void aSecretThatWasGivenOutByWayOfOneInstanceIsGoodByWayOfAnother() throws Exception {
        Wire maker = client(making());
        Wire asker = client(asking());
        await().untilAsserted(() -> {
            String made = realtime(maker, "client_secrets", "sk-client");
            String secret = made.substring("{\"value\":\"".length(), made.length() - "\"}".length());
            assertThat(realtime(asker, "calls", secret)).isEqualTo("a was shown Bearer " + secret);
        });
        assertThat(realtime(asker, "calls", "ek_x")).isEqualTo("b was shown Bearer key-b");
    }

    @Test
    void noRequestFailsWhileRedisIsGoneAndWhatWasMadeBeforeIsFoundAfterwards() throws Exception {
        TestBalancer making = making();
        TestBalancer asking = asking();
        String early = make(client(making));
        Wire asker = client(asking);
        await().until(() -> knows(asker, make(client(making))));

        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        ConcurrentLinkedQueue<String> fresh = new ConcurrentLinkedQueue<>();
        Set<String> all = ConcurrentHashMap.newKeySet();
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try {
            Future<?> makes = clients.submit(() -> {
                try (Wire client = making.client()) {
                    while (!stop.get()) {
                        String id = make(client);
                        all.add(id);
                        fresh.add(id);
                    }
                }
                return null;
            });
            Future<?> asks = clients.submit(() -> {
                try (Wire client = asking.client()) {
                    while (!stop.get()) {
                        String id = fresh.poll();
                        ask(client, id == null ? early : id);
                        asked.incrementAndGet();
                    }
                }
                return null;
            });
            await().until(() -> asked.get() > 100);
            redis.kill();
            int then = asked.get();
            await().until(() -> asked.get() > then + 200);
            redis.start();
            int later = asked.get();
            await().until(() -> asked.get() > later + 100);
            stop.set(true);
            makes.get();
            asks.get();
        } finally {
            stop.set(true);
            clients.shutdownNow();
        }
        // It starts when Redis has been empty once, and has asked for none of these before.
        Wire late = client(asking());
        await().until(() -> knows(late, early) && all.stream().limit(50).allMatch(id -> knowsQuietly(late, id)));
    }

    private boolean knowsQuietly(Wire client, String id) {
        try {
            return knows(client, id);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
