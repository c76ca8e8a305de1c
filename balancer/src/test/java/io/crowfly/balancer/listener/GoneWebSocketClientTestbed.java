package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestTimeout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Base of tests of WebSocket clients that disconnect while the backend works on the handshake. */
abstract class GoneWebSocketClientTestbed extends ResponsesWebSocketTestbed {

    final CountDownLatch cancelled = new CountDownLatch(1);

    /** Returns a backend that does not respond to the handshake. */
    TestBackend workingBackend() throws Exception {
        return backend(peer -> {
            requests.add(Message.readRequest(peer));
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    /** Returns a client whose first message is being worked on. */
    RawConnection waitingClient() throws Exception {
        RawConnection client = open(balancerFor(workingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        awaitRequest();
        return client;
    }

    void awaitRequest() throws InterruptedException {
        assertThat(requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isNotNull();
    }

    void awaitCancelled() throws InterruptedException {
        assertThat(cancelled.await(TestTimeout.SECONDS, TimeUnit.SECONDS)).isTrue();
    }
}
