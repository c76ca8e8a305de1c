package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CrowflyProcess;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/*
 * The process compiles without escape analysis, so every object counts, and the figure does not depend on the speed of
 * the machine. In production about a third less is allocated. The bounds leave some hundred bytes for the headers of
 * objects, whose size depends on the JDK. If a change exceeds a bound, docs/performance.md says how to find the reason.
 */

/** Bytes that the event loop allocates for one request on a kept connection. */
class AllocationIT {

    private static final int WARM_UP = 500;

    private static final int REQUESTS = 2_000;

    private static final String BODY = "{\"id\":\"chatcmpl-1\",\"choices\":[{\"message\":\"Caw, caw, caw!\"}]}";

    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 01 Dec 2026 04:00:00 GMT\r\n"
            + "Content-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: " + BODY.length()
            + "\r\n\r\n"
            + BODY;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aSmallRequestNeedsFewBytes() throws Exception {
        assertThat(bytesPerRequest("GET /small HTTP/1.1\r\nHost: api.test\r\n\r\n"))
                .isLessThan(4_000);
    }

    @Test
    void aChatRequestNeedsFewBytes() throws Exception {
        String chat = "{\"model\":\"gpt-4o\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\""
                + "Tell me of crows. ".repeat(110) + "\"}]}";

        assertThat(bytesPerRequest("POST /v1/chat/completions HTTP/1.1\r\nHost: api.test\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + chat.length() + "\r\n\r\n" + chat))
                .isLessThan(6_400);
    }

    private long bytesPerRequest(String request) throws Exception {
        try (TestBackend one = TestBackend.respondingWith(RESPONSE);
                TestBackend two = TestBackend.respondingWith(RESPONSE);
                CrowflyProcess process = start(one, two);
                RawConnection client = process.client()) {
            send(client, request, WARM_UP);
            long before = process.allocated();
            send(client, request, REQUESTS);
            return (process.allocated() - before) / REQUESTS;
        }
    }

    private CrowflyProcess start(TestBackend one, TestBackend two) throws Exception {
        return CrowflyProcess.start(
                directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: one, provider: openai, url: "http://127.0.0.1:%d"}
                  - {name: two, provider: openai, url: "http://127.0.0.1:%d"}
                probes: {tcp: {}}
                """.formatted(one.port(), two.port()), "-Dio.netty.leakDetection.level=disabled");
    }

    private static void send(RawConnection client, String request, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            client.write(request);
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK");
            assertThat(client.read(BODY.length())).isEqualTo(BODY);
        }
    }
}
