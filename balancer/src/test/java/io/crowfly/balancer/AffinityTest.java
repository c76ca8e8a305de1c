package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What one backend keeps is asked of that backend. Two backends, {@code b} behind {@code a}, so that {@code a} gets whatever has
 * no home; each keeps what its script says.
 */
class AffinityTest extends Testbed {

    private static final String HEAD = "Host: h\r\nContent-Type: application/json\r\n";

    /** Whether the first backend is out of order. */
    private final AtomicReference<String> trouble = new AtomicReference<>("");

    /** Keeps everything whose id ends in its own name; makes responses and files with such ids. */
    private TestBackend.Script keeping(String name) {
        return peer -> {
            while (true) {
                Message request = Message.readRequest(peer);
                boolean others = others(name, request.target()) || others(name, request.body());
                if (trouble.get().equals(name)) {
                    answer(peer, "503 Service Unavailable", "{}");
                } else if (others
                        && request.target().startsWith("/v1/responses")
                        && !request.body().isEmpty()) {
                    answer(peer, "400 Bad Request", "{\"error\":{\"code\":\"previous_response_not_found\"}}");
                } else if (others) {
                    answer(peer, "404 Not Found", "{\"error\":{\"message\":\"No such thing\"}}");
                } else if (request.body().contains("\"stream\":true")) {
                    peer.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                    chunk(
                            peer,
                            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_s_"
                                    + name + "\"}}\n\n");
                    chunk(peer, "event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n");
                    peer.write("0\r\n\r\n");
                } else {
                    answer(
                            peer,
                            "200 OK",
                            "{\"by\":\"" + name + "\",\"id\":\"" + id(request) + name + "\",\"output\":[{\"id\":\"rs_"
                                    + name + "\"}]}");
                }
            }
        };
    }

    private static String id(Message request) {
        return request.target().startsWith("/v1/files") ? "file-" : "resp_";
    }

    private static boolean others(String name, String text) {
        String other = name.equals("a") ? "b" : "a";
        return text.matches("(?s).*(resp_|file-|rs_)(s_|x_)?" + other + "\\b.*");
    }

    private static void answer(Wire peer, String status, String body) throws Exception {
        peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private static void chunk(Wire peer, String text) throws Exception {
        peer.write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private Wire client(String more) throws Exception {
        return client(balancer(Setup.NONE
                .backend("a", backend(keeping("a")))
                .backend("b", backend(keeping("b")))
                .and(more)));
    }

    private static Message post(Wire client, String path, String body) throws Exception {
        client.write("POST " + path + " HTTP/1.1\r\n" + HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        return Message.readAnswer(client);
    }

    private static Message get(Wire client, String path) throws Exception {
        client.write("GET " + path + " HTTP/1.1\r\n" + HEAD + "\r\n");
        return Message.readAnswer(client);
    }

    /** Has {@code b} make something, by having {@code a} fail for a moment. */
    private Message madeByB(Wire client, String path, String body) throws Exception {
        trouble.set("a");
        Message made = post(client, path, body);
        trouble.set("");
        return made;
    }

    @Test
    void aResponseIsGoneOnFromWhereItIsKept() throws Exception {
        Wire client = client("");
        String first = madeByB(client, "/v1/responses", "{\"store\":false,\"input\":\"x\"}")
                .body();
        assertThat(first).contains("\"by\":\"b\"");
        for (int turn = 0; turn < 5; turn++) {
            String next =
                    "{\"model\":\"m\",\"input\":\"" + "x".repeat(50_000) + "\",\"previous_response_id\":\"resp_b\"}";
            assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
        }
        assertThat(get(client, "/v1/responses/resp_b").body()).contains("\"by\":\"b\"");
        assertThat(post(client, "/v1/responses", "{\"input\":\"x\"}").body()).contains("\"by\":\"a\"");
    }

    @Test
    void aBodyLargerThanWhatIsHeldGoesByWhatItRefersToAtItsBeginning() throws Exception {
        Wire client = client("limits: {held-size: 64KiB}");
        madeByB(client, "/v1/responses", "{\"store\":false,\"input\":\"x\"}");
        String next = "{\"previous_response_id\":\"resp_b\",\"input\":\"" + "x".repeat(300_000) + "\"}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void reasoningGoesBackToWhereItCanBeRead() throws Exception {
        Wire client = client("");
        madeByB(client, "/v1/responses", "{\"store\":false,\"input\":\"x\"}");
        String next =
                "{\"store\":false,\"input\":[{\"type\":\"reasoning\",\"id\":\"rs_b\",\"encrypted_content\":\"e\"}]}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void aStreamedResponseIsKnownAsSoonAsItHasBegun() throws Exception {
        Wire client = client("");
        Message stream = madeByB(client, "/v1/responses", "{\"store\":false,\"stream\":true,\"input\":\"x\"}");
        assertThat(stream.body()).contains("resp_s_b");
        assertThat(get(client, "/v1/responses/resp_s_b").body()).contains("\"by\":\"b\"");
    }

    @Test
    void whatNobodyHasSeenIsLookedForEverywhere() throws Exception {
        Wire client = client("");
        assertThat(get(client, "/v1/files/file-x_b").body()).contains("\"by\":\"b\"");
        String next = "{\"input\":\"x\",\"previous_response_id\":\"resp_x_b\"}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void whatNobodyKeepsIsNotFound() throws Exception {
        Wire client = client("");
        Message answer = get(client, "/v1/files/file-x_b+file-x_a");
        assertThat(answer.status()).isEqualTo(404);
    }

    @Test
    void whatABodyRefersToIsNotBelievedToBeWhereverItWent() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        TestBackend chats = backend(peer -> {
            while (peer.saysAnything()) {
                boolean chat = Message.readRequest(peer).target().contains("chat");
                asked.addAndGet(chat ? 0 : 1);
                answer(peer, chat ? "200 OK" : "404 Not Found", "{}");
            }
        });
        TestBackend keeps = backend(peer -> {
            while (peer.saysAnything()) {
                Message.readRequest(peer);
                answer(peer, "200 OK", "{}");
            }
        });
        Wire client = client(balancer(Setup.NONE
                .backend("chats", chats, "provider: openai, models: {m: m}")
                .backend("keeps", keeps, "provider: openai, models: {n: n}")));
        assertThat(get(client, "/v1/files/file-1").status()).isEqualTo(200);
        String claim = "{\"model\":\"m\",\"metadata\":{\"file_id\":\"file-1\"}}";
        assertThat(post(client, "/v1/chat/completions", claim).status()).isEqualTo(200);
        assertThat(get(client, "/v1/files/file-1").status()).isEqualTo(200);
        assertThat(asked).hasValue(1);
    }

    @Test
    void listsAndWhatWillBeInThemGoHome() throws Exception {
        Wire client = client("state: {home: b}");
        assertThat(get(client, "/v1/files").body()).contains("\"by\":\"b\"");
        assertThat(post(client, "/v1/vector_stores", "{\"name\":\"x\"}").body()).contains("\"by\":\"b\"");
        assertThat(post(client, "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}")
                        .body())
                .contains("\"by\":\"a\"");
    }

    @Test
    void nobodySaysThatThereIsNoneWhileABackendThatMayKeepItCanNotBeAsked() throws Exception {
        Wire client = client(balancer(Setup.NONE
                .backend("a", backend(keeping("a")))
                .backend("{name: dead, provider: openai, tier: 2, url: \"http://127.0.0.1:1\"}")));
        Message answer = get(client, "/v1/files/file-x_b");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"code\":\"state_unavailable\"");
    }

    @Test
    void aListIsNotAnsweredByAnotherThanItsHome() throws Exception {
        Wire client = client("state: {home: b}");
        trouble.set("b");
        assertThat(get(client, "/v1/files").status()).isEqualTo(503);
    }

    @Test
    void whatIsKeptByABackendThatFailsIsNotAskedOfAnother() throws Exception {
        Wire client = client("");
        madeByB(client, "/v1/responses", "{\"store\":false,\"input\":\"x\"}");
        trouble.set("b");
        assertThat(get(client, "/v1/responses/resp_b").status()).isEqualTo(503);
    }
}
