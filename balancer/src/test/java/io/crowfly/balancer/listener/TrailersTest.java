package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Trailers: fields that have an effect in a head are dropped from them. */
class TrailersTest extends Testbed {

    private static final String FORBIDDEN = String.join(
            "\r\n",
            "Authorization: Bearer stolen",
            "Api-Key: stolen",
            "Proxy-Authorization: Basic stolen",
            "Cookie: a=b",
            "Set-Cookie: a=b",
            "Host: elsewhere",
            "X-Forwarded-For: 10.0.0.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: elsewhere",
            "Forwarded: for=10.0.0.1",
            "Content-Length: 17",
            "Transfer-Encoding: chunked",
            "Content-Type: text/plain",
            "Content-Encoding: gzip",
            "Connection: x-hop",
            "X-Hop: 1",
            "Keep-Alive: timeout=5",
            "Upgrade: h2c",
            "TE: deflate",
            "");

    private static final String CHUNKS = "1\r\na\r\n0\r\n" + FORBIDDEN + "x-digest: 17\r\n\r\n";

    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();

    /** @return the response; the request as it arrived is in {@link #requests} */
    private Message exchange(String provider) throws Exception {
        RawConnection client = client(balancer(Setup.NONE.backend(
                "a",
                backend(peer -> {
                    requests.add(Message.readRequest(peer));
                    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS);
                }),
                provider)));
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS);
        return Message.readResponse(client);
    }

    @Test
    void dropsTrailersForAuthenticationFramingAndForwarding() throws Exception {
        Message response = exchange("provider: openai");
        assertThat(response.trailers()).containsExactly("x-digest: 17");
        assertThat(response.body()).isEqualTo("a");
        Message request = requests.take();
        assertThat(request.trailers()).containsExactly("x-digest: 17");
        assertThat(request.body()).isEqualTo("a");
    }

    @Test
    void sendsNoTrailersToTheClouds() throws Exception {
        for (String provider : new String[] {
            "provider: azure, credential: {api-key: ours}", "provider: google, project: p, location: europe-west4"
        }) {
            assertThat(exchange(provider).status()).isEqualTo(200);
            Message request = requests.take();
            assertThat(request.trailers()).as(provider).isEmpty();
            assertThat(request.body()).isEqualTo("a");
        }
    }
}
