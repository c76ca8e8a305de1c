package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/**
 * Clients whose close NIO does not detect until it writes, because NIO cannot query the kernel and has no event for a
 * close while reading is off.
 */
@TestedTransports(TestedTransports.Selection.NATIVE)
class ClientDisconnectOnNativeTransportTest extends ClientDisconnectTestbed {

    @Test
    void aResetAfterAHalfCloseCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(silentBackend()));
        client.write(GET);
        client.halfClose();
        for (int i = 0; i < 2; i++) {
            assertThat(Message.readHead(client).status()).isEqualTo(100);
        }
        client.reset();
        awaitCancelled();
    }

    @Test
    void aCloseWithAnotherRequestPipelinedCancelsBoth() throws Exception {
        TestBackend backend = silentBackend();
        RawConnection client = client(balancer(backend));
        client.write(GET);
        requested.await();
        client.write(GET);
        client.close();
        awaitCancelled();
        assertThat(backend.connections()).isEqualTo(1);
    }
}
