package io.crowfly.balancer.exchange;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;

/** Base of tests of clients that close their connection while their request is in progress. */
abstract class ClientDisconnectTestbed extends Testbed {

    final CountDownLatch requested = new CountDownLatch(1);
    final CountDownLatch cancelled = new CountDownLatch(1);

    /** A backend that sends no response and detects the end of its connection. */
    TestBackend silentBackend() throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            requested.countDown();
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    void awaitCancelled() {
        await().until(() -> cancelled.getCount() == 0);
    }
}
