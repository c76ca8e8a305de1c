package io.crowfly.balancer.listener;

import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/** A client whose close NIO does not detect until it writes, because NIO cannot query the kernel. */
@TestedTransports(TestedTransports.Selection.NATIVE)
class GoneWebSocketClientOnNativeTransportTest extends GoneWebSocketClientTestbed {

    @Test
    void aFinBehindMoreDataThanIsReadCancelsTheAttempt() throws Exception {
        RawConnection client = waitingClient();
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, "x".repeat(100_000)));
        client.close();
        awaitCancelled();
    }
}
