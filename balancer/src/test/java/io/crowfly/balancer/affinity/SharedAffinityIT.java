package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RedisServer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
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
 * Tests of instances that share owners through Redis. Creating instances prefer backend {@code a}, reading instances
 * {@code b}. So without a known owner, a read goes to the wrong backend first.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class SharedAffinityIT extends Testbed {

    private static final String OPENAI = "provider: openai, credential: {bearer: key-";

    private final AtomicInteger created = new AtomicInteger();
    private final AtomicInteger notFound = new AtomicInteger();

    private RedisServer redis = null;
    private TestBackend a = null;
    private TestBackend b = null;

    @BeforeEach
    void start() throws Exception {
        redis = closing(new RedisServer(directory));
        redis.start();
        a = backend(storing("a"));
        b = backend(storing("b"));
    }

    /** Returns a script that creates responses with its own name in their ids, and stores no others. */
    private TestBackend.ConnectionScript storing(String name) {
        return peer -> {
            while (peer.hasInput()) {
                Message request = Message.readRequest(peer);
                if (request.target().equals("/v1/realtime/client_secrets")) {
                    respond(peer, "200 OK", "{\"value\":\"ek_" + name + created.incrementAndGet() + "\"}");
                } else if (request.target().equals("/v1/realtime/calls")) {
                    respond(peer, "200 OK", name + " received " + request.header("authorization"));
                } else if (request.startLine().startsWith("POST")) {
                    respond(peer, "200 OK", "{\"id\":\"resp_" + name + created.incrementAndGet() + "\"}");
                } else if (request.target().contains("resp_" + name)) {
                    respond(peer, "200 OK", "{\"by\":\"" + name + "\"}");
                } else {
                    notFound.incrementAndGet();
                    respond(peer, "404 Not Found", "{\"error\":{\"message\":\"No such response\"}}");
                }
            }
        };
    }

    private static void respond(RawConnection peer, String status, String body) throws Exception {
        peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private TestBalancer instance(String first, TestBackend itsFirst, String second, TestBackend itsSecond)
            throws Exception {
        Setup setup = Setup.NONE
                .backend(first, itsFirst, OPENAI + first + "}")
                .backend(second, itsSecond, OPENAI + second + "}")
                .withLines("state: {redis: {url: \"" + redis.url() + "\", timeout: 200ms}}");
        return closing(TestBalancer.start(Files.createTempDirectory(directory, "instance"), setup));
    }

    private TestBalancer creatingInstance() throws Exception {
        return instance("a", a, "b", b);
    }

    private TestBalancer readingInstance() throws Exception {
        return instance("b", b, "a", a);
    }

    private static String create(RawConnection client) throws Exception {
        client.write("POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n{\"input\":1}");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(200);
        return response.body().substring("{\"id\":\"".length(), response.body().length() - "\"}".length());
    }

    private static void read(RawConnection client, String id) throws Exception {
        client.write("GET /v1/responses/" + id + " HTTP/1.1\r\nHost: h\r\n\r\n");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"by\":\"" + id.charAt("resp_".length()) + "\"}");
    }

    /** Returns whether the instance finds the response without a 404 of another backend. */
    private boolean knowsOwner(RawConnection client, String id) throws Exception {
        int before = notFound.get();
        read(client, id);
        return notFound.get() == before;
    }

    @Test
    void aResponseCreatedThroughOneInstanceIsFoundThroughAnother() throws Exception {
        RawConnection creator = client(creatingInstance());
        RawConnection reader = client(readingInstance());
        await().until(() -> knowsOwner(reader, create(creator)));
    }

    private static String realtime(RawConnection client, String operation, String credential) throws Exception {
        client.write("POST /v1/realtime/" + operation + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + credential
                + "\r\nContent-Type: application/sdp\r\nContent-Length: 1\r\n\r\nv");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(200);
        return response.body();
    }

    @Test
    void aSecretIssuedThroughOneInstanceIsValidThroughAnother() throws Exception {
        RawConnection creator = client(creatingInstance());
        RawConnection reader = client(readingInstance());
        await().untilAsserted(() -> {
            String created = realtime(creator, "client_secrets", "sk-client");
            String secret = created.substring("{\"value\":\"".length(), created.length() - "\"}".length());
            assertThat(realtime(reader, "calls", secret)).isEqualTo("a received Bearer " + secret);
        });
        assertThat(realtime(reader, "calls", "ek_x")).isEqualTo("b received Bearer key-b");
    }

    @Test
    void noRequestFailsWhileRedisIsDownAndEarlierResponsesAreFoundAfterwards() throws Exception {
        TestBalancer creatingInstance = creatingInstance();
        TestBalancer readingInstance = readingInstance();
        String early = create(client(creatingInstance));
        RawConnection reader = client(readingInstance);
        await().until(() -> knowsOwner(reader, create(client(creatingInstance))));

        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger reads = new AtomicInteger();
        ConcurrentLinkedQueue<String> fresh = new ConcurrentLinkedQueue<>();
        Set<String> all = ConcurrentHashMap.newKeySet();
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try {
            Future<?> createTask = clients.submit(() -> {
                try (RawConnection client = creatingInstance.client()) {
                    while (!stop.get()) {
                        String id = create(client);
                        all.add(id);
                        fresh.add(id);
                    }
                }
                return null;
            });
            Future<?> readTask = clients.submit(() -> {
                try (RawConnection client = readingInstance.client()) {
                    while (!stop.get()) {
                        String id = fresh.poll();
                        read(client, id == null ? early : id);
                        reads.incrementAndGet();
                    }
                }
                return null;
            });
            await().until(() -> reads.get() > 100);
            redis.kill();
            int then = reads.get();
            await().until(() -> reads.get() > then + 200);
            redis.start();
            int later = reads.get();
            await().until(() -> reads.get() > later + 100);
            stop.set(true);
            createTask.get();
            readTask.get();
        } finally {
            stop.set(true);
            clients.shutdownNow();
        }
        // This instance starts after Redis was empty, and has not read any of these responses before.
        RawConnection late = client(readingInstance());
        await().until(() ->
                knowsOwner(late, early) && all.stream().limit(50).allMatch(id -> knowsOwnerUnchecked(late, id)));
    }

    private boolean knowsOwnerUnchecked(RawConnection client, String id) {
        try {
            return knowsOwner(client, id);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
