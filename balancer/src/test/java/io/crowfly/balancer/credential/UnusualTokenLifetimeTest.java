package io.crowfly.balancer.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import io.crowfly.balancer.testbed.TokenDialects;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Requests with a token whose lifetime is unusual: a fraction, text, or more than any number type can hold. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class UnusualTokenLifetimeTest extends Testbed {

    private static final String BODY = "{\"model\":\"m\"}";
    private static final String CHAT =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;

    @Test
    void theTokenIsAttached() throws Exception {
        for (String lifetime : new String[] {"3599.5", "\"3599\"", "9223372036854775808", "1e400"}) {
            TestTokenServer tokens =
                    closing(new TestTokenServer(InstantSource.system(), TokenDialects.metadataServer("default")));
            tokens.scriptResponse("200 OK", "{\"access_token\":\"unusual\",\"expires_in\":" + lifetime + "}");
            Queue<String> authorizations = new ConcurrentLinkedQueue<>();
            TestBackend backend = backend(peer -> {
                while (peer.hasInput()) {
                    authorizations.add(Message.readRequest(peer).header("authorization"));
                    peer.write(OK);
                }
            });
            RawConnection client = client(balancer(Setup.NONE.backend(
                    "a",
                    backend,
                    "provider: google, project: p, location: europe-west4, credential: {metadata-server: {host: \""
                            + tokens.uri("") + "\"}}")));

            // Requests get a 502 until the token has been fetched.
            await().until(() -> {
                client.write(CHAT);
                return Message.readResponse(client).status() == 200;
            });

            assertThat(authorizations).as(lifetime).containsExactly("Bearer unusual");
        }
    }
}
