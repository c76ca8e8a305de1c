package io.crowfly.balancer.testbed;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Base class of tests of proxying. It runs the tests on each transport that works on this machine, unless {@link
 * TestedTransports} selects some, and closes the resources that a test opened.
 */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(TestedTransports.Provider.class)
public abstract class Testbed {

    protected static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    protected static final String GET = "GET /v1/models HTTP/1.1\r\nHost: api.test\r\n\r\n";

    private static final String LOOPS = "crowfly.event-loops";

    @Parameter
    protected String transport = "";

    @TempDir
    protected Path directory = Path.of("");

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** One loop, so that a second client can use the upstream connections of the first. */
    @BeforeEach
    void chooseTransport() {
        System.setProperty(Transport.PROPERTY, transport);
        System.setProperty(LOOPS, "1");
    }

    @AfterEach
    void closeAll() throws Exception {
        System.clearProperty(Transport.PROPERTY);
        System.clearProperty(LOOPS);
        Throwable failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception | AssertionError e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw new AssertionError("closing what the test opened", failure);
        }
    }

    /** Registers a resource to be closed after the test, in reverse order. */
    protected <T extends AutoCloseable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    protected TestBackend backend(ConnectionScript script) throws Exception {
        return closing(TestBackend.running(script));
    }

    protected TestBackend backend(String response) throws Exception {
        return closing(TestBackend.respondingWith(response));
    }

    protected TestBalancer balancer(Setup setup) throws Exception {
        return closing(TestBalancer.start(directory, setup));
    }

    /** Starts a balancer in front of one backend. */
    protected TestBalancer balancer(TestBackend backend) throws Exception {
        return balancer(Setup.NONE.backend("a", backend));
    }

    protected RawConnection client(TestBalancer balancer) throws Exception {
        return closing(balancer.client());
    }

    /** Waits until a count is above zero and has not changed for a while, and returns it. */
    protected static long standstill(AtomicLong count) {
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(300))
                .until(() -> count.get() > 0 && before.getAndSet(count.get()) == count.get());
        return count.get();
    }
}
