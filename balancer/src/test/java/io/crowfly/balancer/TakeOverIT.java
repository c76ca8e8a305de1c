package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.admin.JsonTree;
import io.crowfly.balancer.testbed.CrowflyProcess;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replacement of a process by a new one on the same addresses. */
class TakeOverIT {

    private static final int REPLACEMENTS = 3;

    private static final List<String> TWO_LOOPS = List.of("-Dcrowfly.event-loops=2");

    private static final String REQUEST = "GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n";

    private static final String CHAT = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";

    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    @TempDir
    Path directory;

    private final CountDownLatch streamMayEnd = new CountDownLatch(1);
    private final List<CrowflyProcess> processes = new ArrayList<>();
    private TestBackend backend;
    private int port;
    private int adminPort;

    @BeforeEach
    void startBackend() throws Exception {
        backend = TestBackend.running(peer -> {
            while (true) {
                Message request = Message.readRequest(peer);
                if (request.body().contains("\"wait\"")) {
                    peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENT);
                    streamMayEnd.await();
                    peer.write(EVENT + "data: [DONE]\n\n");
                    return;
                } else if (request.target().endsWith("/chat/completions")) {
                    String body = EVENT + "data: [DONE]\n\n";
                    peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " + body.length()
                            + "\r\n\r\n" + body);
                } else {
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                }
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        streamMayEnd.countDown();
        for (CrowflyProcess process : processes) {
            process.close();
        }
        backend.close();
    }

    private String conf(int listenerPort, int adminBind) {
        return """
                listeners: [{name: public, bind: "127.0.0.1:%d"}]
                admin: {bind: "127.0.0.1:%d"}
                backends: [{name: one, provider: openai, url: "http://127.0.0.1:%d"}]
                probes: {interval: 200ms, http: {path: /v1/models}}
                timeouts: {drain: 8s}
                """.formatted(listenerPort, adminBind, backend.port());
    }

    private CrowflyProcess startFirst() throws Exception {
        CrowflyProcess first =
                CrowflyProcess.start(Files.createDirectory(directory.resolve("first")), conf(0, 0), TWO_LOOPS.get(0));
        processes.add(first);
        port = first.port();
        adminPort = first.adminPort();
        await().until(() -> first.admin("/readyz").statusCode() == 200);
        return first;
    }

    private CrowflyProcess launch(String conf, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--take-over", "127.0.0.1:" + adminPort));
        arguments.addAll(List.of(more));
        CrowflyProcess process = CrowflyProcess.launch(
                Files.createDirectory(directory.resolve("next" + processes.size())), conf, TWO_LOOPS, arguments);
        processes.add(process);
        return process;
    }

    private CrowflyProcess replace() throws Exception {
        CrowflyProcess next = launch(conf(port, adminPort));
        next.awaitOutput(" started: ");
        return next;
    }

    private void chat() throws IOException {
        try (RawConnection client = RawConnection.connect(port)) {
            client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + CHAT.length() + "\r\n\r\n" + CHAT);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
    }

    private Map<String, Object> learned(CrowflyProcess process) throws Exception {
        return JsonTree.read(process.admin("/learned").body());
    }

    private static List<?> backends(Map<String, Object> learned) {
        return (List<?>) ((Map<?, ?>) learned.get("learned")).get("backends");
    }

    @Test
    void noRequestFailsWhileProcessesAreReplaced() throws Exception {
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        CrowflyProcess current = startFirst();
        Thread newConnections = load(end, () -> onNewConnection(requests), failures);
        Thread keptConnections = load(end, () -> onKeptConnection(end, requests), failures);
        for (int i = 0; i < REPLACEMENTS; i++) {
            CrowflyProcess next = replace();
            assertThat(current.exitCode()).isZero();
            assertThat(current.output()).contains("a new process takes over", "drained");
            assertThat(next.output()).doesNotContain("the kernel does not send");
            int before = requests.get();
            await().until(() -> requests.get() > before + 20);
            current = next;
        }
        end.countDown();
        newConnections.join();
        keptConnections.join();
        assertThat(failures).isEmpty();
        assertThat(current.admin("/readyz").statusCode()).isEqualTo(200);
    }

    private interface Load {
        void run() throws IOException;
    }

    private static Thread load(CountDownLatch end, Load load, Queue<String> failures) {
        Thread thread = new Thread(() -> {
            while (end.getCount() > 0) {
                try {
                    load.run();
                } catch (IOException | RuntimeException | AssertionError e) {
                    failures.add(e.toString());
                }
            }
        });
        thread.start();
        return thread;
    }

    private void onNewConnection(AtomicInteger requests) throws IOException {
        try (RawConnection client = RawConnection.connect(port)) {
            client.write(REQUEST);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
            requests.incrementAndGet();
        }
    }

    private void onKeptConnection(CountDownLatch end, AtomicInteger requests) throws IOException {
        try (RawConnection client = RawConnection.connect(port)) {
            while (end.getCount() > 0) {
                client.write(REQUEST);
                Message response = Message.readResponse(client);
                assertThat(response.status()).isEqualTo(200);
                requests.incrementAndGet();
                if (response.has("connection")) {
                    return;
                }
            }
        }
    }

    @Test
    void aStreamThatHasBegunEndsAtTheOldProcess() throws Exception {
        CrowflyProcess first = startFirst();
        try (RawConnection client = RawConnection.connect(port)) {
            String body = "{\"model\":\"wait\",\"stream\":true,\"messages\":[]}";
            client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(Message.readHead(client).status()).isEqualTo(200);
            replace();
            first.awaitOutput("draining:");
            chat();
            streamMayEnd.countDown();
            assertThat(client.readToEnd().text()).contains("[DONE]").endsWith("0\r\n\r\n");
        }
        assertThat(first.exitCode()).isZero();
    }

    @Test
    void continuesWithWhatTheOldProcessHasLearned() throws Exception {
        CrowflyProcess first = startFirst();
        for (int i = 0; i < 10; i++) {
            chat();
        }
        await().until(() -> first.admin("/learned").body().contains("\"slopes\""));
        Object instance = learned(first).get("instance");
        CrowflyProcess next = replace();
        Map<String, Object> inherited = learned(next);
        assertThat(inherited.get("instance")).isNotEqualTo(instance);
        Map<?, ?> one = (Map<?, ?>) backends(inherited).get(0);
        assertThat((List<?>) one.get("estimators"))
                .anySatisfy(estimator ->
                        assertThat(((Map<?, ?>) estimator).get("model")).isEqualTo("m"));
    }

    @Test
    void theOldProcessKeepsTheTrafficIfTheNewOneCannotListen() throws Exception {
        CrowflyProcess first = startFirst();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CrowflyProcess next = launch(conf(port, adminPort)
                    .replace(
                            "listeners: [",
                            "listeners: [{name: taken, bind: \"127.0.0.1:" + taken.getLocalPort() + "\"}, "));
            assertThat(next.exitCode()).isEqualTo(1);
            assertThat(next.output()).contains("127.0.0.1:" + taken.getLocalPort());
            CrowflyProcess other = launch(conf(port, taken.getLocalPort()));
            assertThat(other.exitCode()).isEqualTo(1);
            assertThat(other.output()).contains("127.0.0.1:" + taken.getLocalPort());
        }
        assertThat(first.admin("/readyz").statusCode()).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
            chat();
        }
    }

    @Test
    void startsAsUsualIfNoProcessListens() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            adminPort = free.getLocalPort();
        }
        CrowflyProcess process = launch(conf(0, 0));
        process.awaitOutput(" started: ");
        assertThat(process.output()).contains("nothing to take over");
    }

    @Test
    void aHandOverToAnotherInstanceChangesNothing() throws Exception {
        CrowflyProcess first = startFirst();
        try (RawConnection admin = RawConnection.connect(adminPort)) {
            admin.write("POST /hand-over?instance=other HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
            assertThat(Message.readResponse(admin).status()).isEqualTo(409);
        }
        assertThat(first.admin("/readyz").statusCode()).isEqualTo(200);
        first.terminate();
        assertThat(first.exitCode()).isZero();
    }
}
