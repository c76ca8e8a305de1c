package io.crowfly.balancer.exchange;

import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/**
 * A client that half-closes a Unix socket before it has read its response. Only epoll delivers the rest: Netty's NIO
 * treats the half-close as a full close, and its io_uring loses unsent data.
 */
@TestedTransports(TestedTransports.Selection.EPOLL)
class SlowClientOnEpollTest extends SlowClientTestbed {

    @Test
    void receivesTheRestAfterItsHalfClose() throws Exception {
        balancer();
        RawConnection client = clientWithUnreadResponse();
        client.halfClose();
        assertReceivesTheRest(client);
    }
}
