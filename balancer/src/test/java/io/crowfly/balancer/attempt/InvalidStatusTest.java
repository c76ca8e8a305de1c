package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Responses whose status is not from 100 to 599, and interim responses, whose status is valid but unusual. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class InvalidStatusTest extends Testbed {

    private static String response(String status) {
        return "HTTP/1.1 " + status + " Odd\r\nContent-Length: 2\r\n\r\nok";
    }

    /** Returns a client of a backend that responds to {@code /STATUS} with that status. */
    private RawConnection client() throws Exception {
        return client(balancer(backend(peer -> {
            while (peer.hasInput()) {
                peer.write(response(Message.readRequest(peer).target().substring(1)));
            }
        })));
    }

    private static Message get(RawConnection client, String status) throws Exception {
        client.write("GET /" + status + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return Message.readResponse(client);
    }

    @Test
    void anInvalidStatusIsABadResponseAndNeverReachesTheClient() throws Exception {
        RawConnection client = client();
        for (String status : List.of("099", "000", "1000", "-1", "+200", "0200", "20", "2e2", "600", "999")) {
            Message received = get(client, status);
            assertThat(received.status()).as(status).isEqualTo(502);
            assertThat(received.body()).as(status).contains("\"code\":\"upstream_failed\"");
        }
    }

    @Test
    void everyValidStatusReachesTheClient() throws Exception {
        RawConnection client = client();
        for (String status : List.of("200", "299", "302", "418", "451", "599")) {
            Message received = get(client, status);
            assertThat(received.status()).isEqualTo(Integer.parseInt(status));
            assertThat(received.body()).isEqualTo("ok");
        }
    }

    @Test
    void anInvalidStatusAfterAnInterimResponseIsABadResponse() throws Exception {
        RawConnection client = client(balancer(backend("HTTP/1.1 103 Early Hints\r\n\r\n" + response("099"))));
        client.write(GET);
        assertThat(Message.readHead(client).status()).isEqualTo(103);
        assertThat(Message.readHead(client).status()).isEqualTo(502);
    }

    @Test
    void interimResponsesReachTheClientBeforeTheResponseAndWithoutALength() throws Exception {
        RawConnection client = client(balancer(backend("HTTP/1.1 102 Processing\r\n\r\n"
                + "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n"
                + "HTTP/1.1 199 Odd\r\nContent-Length: 5\r\n\r\n" + OK.replace("ok", ""))));
        client.write(GET.replace("GET", "HEAD"));
        for (int status : new int[] {102, 103, 199}) {
            Message interim = Message.readHead(client);
            assertThat(interim.status()).isEqualTo(status);
            assertThat(interim.has("content-length")).isFalse();
        }
        assertThat(Message.readHead(client).header("content-length")).isEqualTo("2");
    }
}
