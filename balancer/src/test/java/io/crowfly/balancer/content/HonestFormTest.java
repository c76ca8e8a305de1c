package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Forms of clients in use pass unchanged under a rule about models. All but those of browsers and .NET are recorded
 * from the clients. {@code B} stands for the boundary.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class HonestFormTest extends Testbed {

    private static final String DISPOSITION = "Content-Disposition: form-data; ";
    private static final String CONTENT = "\r\n\r\nRIFF\0\u00ff--\r\n\r\n";
    private static final String MODEL = "--B\r\n" + DISPOSITION + "name=\"model\"\r\n\r\npublic\r\n";

    private static final String[] FILE_NAMES = {
        "a.wav",
        "he said %22hi%22.wav",
        "a%0D%0Ab.wav",
        "C:\\back\\slash.wav",
        "bl\u00c3\u00a5b\u00c3\u00a6r; a=b.wav",
        "\u00e6\u0097\u00a5\u00e6\u009c\u00ac.wav"
    };

    private final Map<String, String> boundaries = new LinkedHashMap<>();
    private final Map<String, String> bodies = new LinkedHashMap<>();

    private void add(String client, String boundary, String... parts) {
        boundaries.put(client, boundary);
        bodies.put(client, String.join("", parts) + "--B--\r\n");
    }

    private static String file(String name, String headers) {
        return "--B\r\n" + DISPOSITION + "name=\"file\"; filename=\"" + name + '"' + headers + CONTENT;
    }

    private void addClients(String name) {
        String wav = file(name, "\r\nContent-Type: audio/wav");
        add("curl " + name, "------------------------de5cf29b246700f4", wav, MODEL);
        add("Python, requests and others " + name, "468b892548b65eaece462d38dd9cf3ea", MODEL, wav);
        add("Node, fetch and openai " + name, "----formdata-undici-037894411537", wav, MODEL);
        add("Node, form-data " + name, "--------------------------317d46c5619d43426aa8b44e", MODEL, wav);
        add("Chrome, Safari " + name, "----WebKitFormBoundary7MA4YWxkTrZu0gW", MODEL, wav);
        add("Firefox " + name, "---------------------------9051914041544843365972754266", MODEL, wav);
        add(
                "Java, OkHttp " + name,
                "f60f260a-bc1b-4aa4-b0e9-2d559b6c9c3a",
                file(name, "\r\nContent-Type: audio/wav\r\nContent-Length: 10"),
                MODEL.replace("\r\n\r\n", "\r\nContent-Length: 6\r\n\r\n"));
        add(
                "Java, HttpClient of Apache " + name,
                "Y50gSh4eT1KLX9ADUyWOPmmZhYHaXnovBS",
                file(name, "\r\nContent-Type: audio/wav\r\nContent-Transfer-Encoding: binary"),
                MODEL.replace(
                        "\r\n\r\n",
                        "\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"));
    }

    @Test
    void formsOfClientsPassUnchanged() throws Exception {
        for (String name : FILE_NAMES) {
            addClients(name);
        }
        for (String name : new String[] {"he said \\\"hi\\\".wav", "back\\\\slash\\\\"}) {
            add(
                    "Go, curl --form-escape " + name,
                    "8772a52b093e5c91ad135e035dd87344aa76e2ce065ead458c7a836476f3",
                    file(name, "\r\nContent-Type: application/octet-stream"),
                    MODEL);
        }
        add(
                "Python, aiohttp",
                "ef25445c36b642b1af580a4c9c9b91b1",
                "--B\r\nContent-Type: audio/wav\r\n" + DISPOSITION + "name=\"file\"; filename=\"a.wav\"" + CONTENT,
                MODEL.replace("--B\r\n", "--B\r\nContent-Type: text/plain; charset=utf-8\r\n"));
        add(
                ".NET",
                "\"6f8b0c1e-8f2b-4e0c-9b1a-0f5d6c7e8a9b\"",
                "--B\r\n" + DISPOSITION + "name=file; filename=a.wav; filename*=utf-8''a.wav" + CONTENT,
                MODEL.replace("--B\r\n", "--B\r\nContent-Type: text/plain; charset=utf-8\r\n")
                        .replace("\"model\"", "model"));
        add(
                "Python, openai",
                "7799f7a34bb61275459b7aa1807ddf45",
                MODEL,
                "--B\r\n" + DISPOSITION + "name=\"timestamp_granularities[]\"\r\n\r\nword\r\n",
                file("a.wav", "\r\nContent-Type: audio/x-wav"));
        TestBackend echo = backend(peer -> {
            while (peer.hasInput()) {
                String body = Message.readRequest(peer).body();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        });
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", echo)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [{when: {model: secret*}, only: {backends: [b]}},"
                        + " {when: {model: public}, only: {backends: [a]}}]}")));
        for (Map.Entry<String, String> sent : bodies.entrySet()) {
            String boundary = boundaries.get(sent.getKey());
            String body = sent.getValue().replace("--B", "--" + boundary.replace("\"", ""));
            client.write("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; "
                    + "boundary=" + boundary + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

            Message response = Message.readResponse(client);

            assertThat(response.status())
                    .as("%s: %s", sent.getKey(), response.body())
                    .isEqualTo(200);
            assertThat(response.body()).as(sent.getKey()).isEqualTo(body);
        }
    }
}
