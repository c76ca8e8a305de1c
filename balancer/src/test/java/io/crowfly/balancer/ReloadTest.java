package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Effects of a new conf on requests in progress, connections and listeners. */
class ReloadTest extends Testbed {

    private static String respondingWithName(String name) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + name.length() + "\r\n\r\n" + name;
    }

    private static String bodyOfGet(RawConnection client) throws IOException {
        client.write(GET);
        return Message.readResponse(client).body();
    }

    @Test
    void sendsToABackendThatWasAddedAndNoLongerToOneThatWasRemoved() throws Exception {
        TestBackend old = backend(respondingWithName("old"));
        TestBackend added = backend(respondingWithName("new"));
        TestBalancer balancer = balancer(Setup.NONE.backend("b", old));
        RawConnection client = client(balancer);
        assertThat(bodyOfGet(client)).isEqualTo("old");
        assertThat(balancer.reload(Setup.NONE.backend("a", added).backend("b", old)))
                .isEmpty();
        assertThat(bodyOfGet(client)).isEqualTo("new");
        assertThat(balancer.reload(Setup.NONE.backend("b", old))).isEmpty();
        assertThat(bodyOfGet(client)).isEqualTo("old");
    }

    @Test
    void anUnchangedBackendKeepsItsConnections() throws Exception {
        TestBackend same = backend(OK);
        TestBalancer balancer = balancer(Setup.NONE.backend("a", same));
        RawConnection client = client(balancer);
        bodyOfGet(client);
        for (int i = 0; i < 3; i++) {
            balancer.reload(Setup.NONE
                    .backend("a", same)
                    .backend("b" + i, same)
                    .withLines("timeouts: {idle: " + (10 + i) + "s}"));
            bodyOfGet(client);
        }
        assertThat(same.connections()).isEqualTo(1);
    }

    @Test
    void theConnectionsOfARemovedBackendAreClosed() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        TestBackend old = backend(peer -> {
            Message.readRequest(peer);
            peer.write(OK);
            peer.readToEnd();
            closed.countDown();
        });
        TestBalancer balancer = balancer(Setup.NONE.backend("a", old));
        bodyOfGet(client(balancer));
        balancer.reload(Setup.NONE.backend("b", backend(OK)));
        await().until(() -> closed.getCount() == 0);
    }

    @Test
    void aRequestUnderWayFinishesOnTheBackendThatItBeganOn() throws Exception {
        CountDownLatch mayFinish = new CountDownLatch(1);
        TestBackend old = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
            mayFinish.await();
            peer.write("half");
        });
        TestBalancer balancer = balancer(Setup.NONE.backend("a", old));
        RawConnection client = client(balancer);
        client.write(GET);
        Message.readHead(client);
        assertThat(client.read(4)).isEqualTo("half");
        balancer.reload(Setup.NONE.backend("b", backend(respondingWithName("new"))));
        mayFinish.countDown();
        assertThat(client.read(4)).isEqualTo("half");
        assertThat(bodyOfGet(client)).isEqualTo("new");
    }

    @Test
    void listenersComeAndGo() throws Exception {
        TestBackend backend = backend(OK);
        Setup one = Setup.NONE.backend("a", backend);
        String second = "{name: second, bind: \"127.0.0.1:0\"}";
        TestBalancer balancer = balancer(one);
        int before = balancer.port();
        balancer.reload(one.listeners(TestBalancer.PUBLIC, second));
        assertThat(balancer.port())
                .as("a listener that stays is not bound again")
                .isEqualTo(before);
        int port = balancer.port("second");
        assertThat(bodyOfGet(closing(RawConnection.connect(port)))).isEqualTo("ok");
        balancer.reload(one);
        awaitRefusal(port);
        assertThat(bodyOfGet(client(balancer))).isEqualTo("ok");
        balancer.reload(one.listeners(second));
        awaitRefusal(before);
        assertThat(bodyOfGet(closing(RawConnection.connect(balancer.port("second")))))
                .isEqualTo("ok");
    }

    /** Awaited, because on io_uring the kernel keeps a closed listener until its pending accept is cancelled. */
    private static void awaitRefusal(int port) {
        await().untilAsserted(() ->
                assertThatThrownBy(() -> RawConnection.connect(port)).isInstanceOf(ConnectException.class));
    }

    @Test
    void aBadFileChangesNothingAndReportsProblems() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)));
        RawConnection client = client(balancer);
        assertThat(balancer.reload(Setup.NONE.backend("{name: a, provider: clouds, url: \"http://x\"}")))
                .isNotEmpty();
        assertThat(bodyOfGet(client)).isEqualTo("ok");
        assertThat(bodyOfGet(client(balancer))).isEqualTo("ok");
    }

    @Test
    void anAddressThatIsTakenChangesNothing() throws Exception {
        TestBackend backend = backend(OK);
        TestBackend taken = backend(OK);
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend));
        Setup bad = Setup.NONE
                .backend("b", backend(respondingWithName("new")))
                .listeners(
                        TestBalancer.PUBLIC,
                        "{name: fine, bind: \"127.0.0.1:0\"}",
                        "{name: taken, bind: \"127.0.0.1:" + taken.port() + "\"}");
        assertThat(balancer.reload(bad)).hasSize(1).first().asString().contains("cannot bind");
        assertThat(bodyOfGet(client(balancer))).isEqualTo("ok");
        assertThatThrownBy(() -> balancer.port("fine")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileThatIsRenamedOverTheConfIsNoticed() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(respondingWithName("old"))));
        RawConnection client = client(balancer);
        Path written = directory.resolve("written");
        Files.writeString(
                written,
                Setup.NONE.backend("a", backend(respondingWithName("new"))).yaml());
        Files.move(written, balancer.file(), StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> bodyOfGet(client).equals("new"));
    }

    @Test
    void aLinkThatIsSwappedAsKubernetesDoesIsNoticed() throws Exception {
        Path data = directory.resolve("..data");
        mount("..v1", Setup.NONE.backend("a", backend(respondingWithName("old"))));
        Files.createSymbolicLink(data, Path.of("..v1"));
        Path conf = Files.createSymbolicLink(directory.resolve("crowfly.yaml"), Path.of("..data/crowfly.yaml"));
        RawConnection client = client(closing(TestBalancer.start(conf)));
        assertThat(bodyOfGet(client)).isEqualTo("old");
        mount("..v2", Setup.NONE.backend("a", backend(respondingWithName("new"))));
        Path swap = Files.createSymbolicLink(directory.resolve("..tmp"), Path.of("..v2"));
        Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> bodyOfGet(client).equals("new"));
    }

    private void mount(String version, Setup setup) throws IOException {
        Path at = Files.createDirectory(directory.resolve(version));
        Files.writeString(at.resolve("crowfly.yaml"), setup.yaml());
    }

    @Test
    void noRequestFailsWhileTheConfIsReloadedTwentyTimes() throws Exception {
        TestBackend first = backend(OK);
        TestBackend second = backend(OK);
        Setup validSetup = Setup.NONE.backend("a", first);
        TestBalancer balancer = balancer(validSetup);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger responseCount = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(3);
        List<Future<?>> results = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            boolean keepAlive = i > 0;
            results.add(clients.submit(() -> {
                try (RawConnection kept = balancer.client()) {
                    while (!over.get()) {
                        try (RawConnection fresh = balancer.client()) {
                            assertThat(bodyOfGet(keepAlive ? kept : fresh)).isEqualTo("ok");
                        }
                        responseCount.incrementAndGet();
                    }
                    return null;
                }
            }));
        }
        for (int i = 0; i < 20; i++) {
            int seen = responseCount.get();
            Setup next =
                    switch (i % 4) {
                        case 0 -> validSetup.backend("b", second);
                        case 1 -> Setup.NONE.backend("b", second).withLines("timeouts: {idle: 20s}");
                        case 2 -> validSetup.withLines("nonsense: 1");
                        default -> validSetup.listeners(TestBalancer.PUBLIC, "{name: second, bind: \"127.0.0.1:0\"}");
                    };
            assertThat(balancer.reload(next).isEmpty()).isEqualTo(i % 4 != 2);
            // Requests succeed under each conf.
            await().until(() ->
                    responseCount.get() > seen + 3 || results.stream().anyMatch(Future::isDone));
        }
        over.set(true);
        for (Future<?> result : results) {
            result.get();
        }
        clients.shutdown();
    }
}
