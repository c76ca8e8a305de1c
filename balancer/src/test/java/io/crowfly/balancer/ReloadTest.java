package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
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

/** What a new conf changes while requests go on, and what it leaves alone. */
class ReloadTest extends Testbed {

    private static String named(String name) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + name.length() + "\r\n\r\n" + name;
    }

    private static String answer(Wire client) throws IOException {
        client.write(GET);
        return Message.readAnswer(client).body();
    }

    @Test
    void sendsToABackendThatWasAddedAndNoLongerToOneThatWasRemoved() throws Exception {
        TestBackend old = backend(named("old"));
        TestBackend young = backend(named("new"));
        TestBalancer balancer = balancer(Setup.NONE.backend("b", old));
        Wire client = client(balancer);
        assertThat(answer(client)).isEqualTo("old");
        assertThat(balancer.reload(Setup.NONE.backend("a", young).backend("b", old)))
                .isEmpty();
        assertThat(answer(client)).isEqualTo("new");
        assertThat(balancer.reload(Setup.NONE.backend("b", old))).isEmpty();
        assertThat(answer(client)).isEqualTo("old");
    }

    @Test
    void anUnchangedBackendKeepsItsConnections() throws Exception {
        TestBackend same = backend(OK);
        TestBalancer balancer = balancer(Setup.NONE.backend("a", same));
        Wire client = client(balancer);
        answer(client);
        for (int i = 0; i < 3; i++) {
            balancer.reload(
                    Setup.NONE.backend("a", same).backend("b" + i, same).and("timeouts: {idle: " + (10 + i) + "s}"));
            answer(client);
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
        answer(client(balancer));
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
        Wire client = client(balancer);
        client.write(GET);
        Message.readHead(client);
        assertThat(client.read(4)).isEqualTo("half");
        balancer.reload(Setup.NONE.backend("b", backend(named("new"))));
        mayFinish.countDown();
        assertThat(client.read(4)).isEqualTo("half");
        assertThat(answer(client)).isEqualTo("new");
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
        assertThat(answer(closing(Wire.to(port)))).isEqualTo("ok");
        balancer.reload(one);
        awaitRefusal(port);
        assertThat(answer(client(balancer))).isEqualTo("ok");
        balancer.reload(one.listeners(second));
        awaitRefusal(before);
        assertThat(answer(closing(Wire.to(balancer.port("second"))))).isEqualTo("ok");
    }

    /** Not at once: on io_uring the kernel keeps a closed listener until its pending accept has been cancelled. */
    private static void awaitRefusal(int port) {
        await().untilAsserted(() -> assertThatThrownBy(() -> Wire.to(port)).isInstanceOf(ConnectException.class));
    }

    @Test
    void aBadFileChangesNothingAndSaysWhy() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)));
        Wire client = client(balancer);
        assertThat(balancer.reload(Setup.NONE.backend("{name: a, provider: clouds, url: \"http://x\"}")))
                .isNotEmpty();
        assertThat(answer(client)).isEqualTo("ok");
        assertThat(answer(client(balancer))).isEqualTo("ok");
    }

    @Test
    void anAddressThatIsTakenChangesNothing() throws Exception {
        TestBackend backend = backend(OK);
        TestBackend taken = backend(OK);
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend));
        Setup bad = Setup.NONE
                .backend("b", backend(named("new")))
                .listeners(
                        TestBalancer.PUBLIC,
                        "{name: fine, bind: \"127.0.0.1:0\"}",
                        "{name: taken, bind: \"127.0.0.1:" + taken.port() + "\"}");
        assertThat(balancer.reload(bad)).hasSize(1).first().asString().contains("cannot bind");
        assertThat(answer(client(balancer))).isEqualTo("ok");
        assertThatThrownBy(() -> balancer.port("fine")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileThatIsRenamedOverTheConfIsNoticed() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(named("old"))));
        Wire client = client(balancer);
        Path written = directory.resolve("written");
        Files.writeString(
                written, Setup.NONE.backend("a", backend(named("new"))).yaml());
        Files.move(written, balancer.file(), StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> answer(client).equals("new"));
    }

    @Test
    void aLinkThatIsSwappedAsKubernetesDoesIsNoticed() throws Exception {
        Path data = directory.resolve("..data");
        mount("..v1", Setup.NONE.backend("a", backend(named("old"))));
        Files.createSymbolicLink(data, Path.of("..v1"));
        Path conf = Files.createSymbolicLink(directory.resolve("crowfly.yaml"), Path.of("..data/crowfly.yaml"));
        Wire client = client(closing(TestBalancer.start(conf)));
        assertThat(answer(client)).isEqualTo("old");
        mount("..v2", Setup.NONE.backend("a", backend(named("new"))));
        Path swap = Files.createSymbolicLink(directory.resolve("..tmp"), Path.of("..v2"));
        Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> answer(client).equals("new"));
    }

    private void mount(String version, Setup setup) throws IOException {
        Path at = Files.createDirectory(directory.resolve(version));
        Files.writeString(at.resolve("crowfly.yaml"), setup.yaml());
    }

    @Test
    void noRequestFailsWhileTheConfIsReloadedTwentyTimes() throws Exception {
        TestBackend first = backend(OK);
        TestBackend second = backend(OK);
        Setup good = Setup.NONE.backend("a", first);
        TestBalancer balancer = balancer(good);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(3);
        List<Future<?>> results = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            boolean keepAlive = i > 0;
            results.add(clients.submit(() -> {
                try (Wire kept = balancer.client()) {
                    while (!over.get()) {
                        try (Wire fresh = balancer.client()) {
                            assertThat(answer(keepAlive ? kept : fresh)).isEqualTo("ok");
                        }
                        answered.incrementAndGet();
                    }
                    return null;
                }
            }));
        }
        for (int i = 0; i < 20; i++) {
            int seen = answered.get();
            Setup next =
                    switch (i % 4) {
                        case 0 -> good.backend("b", second);
                        case 1 -> Setup.NONE.backend("b", second).and("timeouts: {idle: 20s}");
                        case 2 -> good.and("nonsense: 1");
                        default -> good.listeners(TestBalancer.PUBLIC, "{name: second, bind: \"127.0.0.1:0\"}");
                    };
            assertThat(balancer.reload(next).isEmpty()).isEqualTo(i % 4 != 2);
            // Requests go through under each of them.
            await().until(() -> answered.get() > seen + 3 || results.stream().anyMatch(Future::isDone));
        }
        over.set(true);
        for (Future<?> result : results) {
            result.get();
        }
        clients.shutdown();
    }
}
