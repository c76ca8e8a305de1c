package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests of rules about headers. Requests with {@code x-data-zone: eu}, or for the host {@code eu.test}, are for {@code
 * b}.
 */
class RuledHeaderTest extends Testbed {

    private static final String RULES = "routing: {rules: [{when: {header: {x-data-zone: eu}}, only: {backends: [b]}},"
            + " {when: {header: {host: eu.test}}, only: {backends: [b]}},"
            + " {when: {header: {upgrade: websocket}}, only: {backends: [b]}}]}";

    private final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
    private TestBackend a = null;
    private TestBalancer balancer = null;

    @BeforeEach
    void start() throws Exception {
        a = backend(peer -> {
            while (peer.hasInput()) {
                received.add(Message.readRequest(peer));
                peer.write(OK);
            }
        });
        balancer = balancer(Setup.NONE.backend("a", a).backend("b", backend(OK)).withLines(RULES));
    }

    private Message responseTo(String host, String headers) throws Exception {
        RawConnection client = client(balancer);
        client.write("GET /v1/files HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n");
        return Message.readResponse(client);
    }

    @Test
    void refusesAHeaderThatABackendMayReadInAnotherWay() throws Exception {
        for (String headers : new String[] {
            "Connection: x-data-zone\r\nX-Data-Zone: eu\r\n",
            "X-Data-Zone: eu\r\nConnection: keep-alive, X-DATA-ZONE\r\n",
            "X-Data-Zone: eu\r\nConnection: close\r\nConnection: a,x-data-zone ,b\r\n",
            "Connection: x-data-zone\r\n",
            "X-Data-Zone: us\r\nX-Data-Zone: eu\r\n",
            "X-Data-Zone: eu\r\nx-data-zone: eu\r\n",
            "X_Data_Zone: eu\r\n",
            "X-Data-Zone: us\r\nx-data_zone: eu\r\n",
            "X.Data.Zone: eu\r\n",
            "X-Data-Zone: us\r\nx~data-zone: eu\r\n",
        }) {
            Message response = responseTo("h", headers);

            assertThat(response.status()).isEqualTo(400);
            assertThat(response.body()).contains("\"code\":\"ambiguous_header\"", "`x-data-zone`");
            assertThat(a.connections()).isZero();
        }
    }

    @Test
    void aRuleSeesTheHeaderBesideOtherNominatedOnes() throws Exception {
        assertThat(responseTo("h", "X-Data-Zone: eu\r\nX-B: c\r\nConnection: keep-alive, x-b\r\n")
                        .status())
                .isEqualTo(200);
        assertThat(a.connections()).isZero();
        assertThat(responseTo("h", "X-Data-Zone: us\r\nX-A: a\r\nX-A: b\r\n").status())
                .isEqualTo(200);
        assertThat(a.connections()).isEqualTo(1);
    }

    @Test
    void aTrailerDoesNotBecomeAHeaderThatARuleLooksAt() throws Exception {
        RawConnection client = client(balancer);
        client.write("POST /v1/files HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
                + "X-Data-Zone: eu\r\nx_data_zone: eu\r\nX-Data-Zone2: eu\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(received.take().trailers()).containsExactly("X-Data-Zone2: eu");
    }

    @Test
    void aRuleSeesTheHostInLowerCase() throws Exception {
        assertThat(responseTo("EU.test", "").status()).isEqualTo(200);
        RawConnection client = client(balancer);
        client.write("GET http://eu.test/v1/files HTTP/1.1\r\nHost: other.test\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(a.connections()).isZero();
        assertThat(responseTo("us.test", "").status()).isEqualTo(200);
        assertThat(a.connections()).isEqualTo(1);
    }

    @Test
    void aRuleAboutUpgradesSeesWebSockets() throws Exception {
        RawConnection client = client(balancer);
        client.write("GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(a.connections()).isZero();
    }
}
