package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Base of tests of a response after which the connection closes, while the client has sent a further request. */
abstract class LastResponseTestbed extends Testbed {

    static final String FOLLOWING = "GET /v1/behind HTTP/1.1\r\nHost: h\r\n\r\n";

    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    TestBalancer loggingBalancer(TestBackend backend) throws Exception {
        String[] listeners = {"{name: local, bind: \"unix:" + socket() + "\"}", TestBalancer.PUBLIC};
        return balancer(Setup.NONE.backend("a", backend).listeners(listeners).withLines("access-log: access.log"));
    }

    /** A Unix socket, whose buffer is small and does not grow. */
    Path socket() {
        return directory.resolve("s");
    }

    Path log() {
        return directory.resolve("access.log");
    }

    TestBackend recordingBackend(ConnectionScript response) throws Exception {
        return backend(peer -> {
            received.add(Message.readRequest(peer).target());
            response.run(peer);
        });
    }

    /**
     * Asserts that the request was not sent to a backend, and not started. The log would show even a request that ended
     * at once.
     */
    void assertNotStarted(TestBalancer balancer) {
        balancer.close();
        assertThat(log()).content().contains("/v1/last").doesNotContain("/v1/behind");
        assertThat(received).contains("/v1/last").doesNotContain("/v1/behind");
    }
}
