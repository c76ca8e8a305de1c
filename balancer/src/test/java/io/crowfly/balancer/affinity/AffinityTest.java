package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Tests that requests for stored state reach the backend that owns it. Requests without an owner prefer backend {@code
 * a} to {@code b}. Each backend stores what its script says.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class AffinityTest extends Testbed {

    private static final String HEAD = "Host: h\r\nContent-Type: application/json\r\n";

    /** Name of the backend that responds 503 now, or empty. */
    private final AtomicReference<String> failingBackend = new AtomicReference<>("");

    /**
     * Returns a script that stores everything whose id ends in its own name, and creates responses and files with such
     * ids.
     */
    private TestBackend.ConnectionScript storing(String name) {
        return peer -> {
            while (true) {
                Message request = Message.readRequest(peer);
                boolean refersToOther = refersToOther(name, request.target()) || refersToOther(name, request.body());
                if (failingBackend.get().equals(name)) {
                    respond(peer, "503 Service Unavailable", "{}");
                } else if (refersToOther
                        && request.target().startsWith("/v1/responses")
                        && !request.body().isEmpty()) {
                    respond(peer, "400 Bad Request", "{\"error\":{\"code\":\"previous_response_not_found\"}}");
                } else if (refersToOther) {
                    respond(peer, "404 Not Found", "{\"error\":{\"message\":\"No such thing\"}}");
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
                    respond(
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

    private static boolean refersToOther(String name, String text) {
        String other = name.equals("a") ? "b" : "a";
        return text.matches("(?s).*(resp_|file-|rs_)(s_|x_)?" + other + "\\b.*");
    }

    private static void respond(RawConnection peer, String status, String body) throws Exception {
        peer.write("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private static void chunk(RawConnection peer, String text) throws Exception {
        peer.write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private RawConnection client(String more) throws Exception {
        return client(balancer(Setup.NONE
                .backend("a", backend(storing("a")))
                .backend("b", backend(storing("b")))
                .withLines(more)));
    }

    private static Message post(RawConnection client, String path, String body) throws Exception {
        client.write("POST " + path + " HTTP/1.1\r\n" + HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        return Message.readResponse(client);
    }

    private static Message get(RawConnection client, String path) throws Exception {
        client.write("GET " + path + " HTTP/1.1\r\n" + HEAD + "\r\n");
        return Message.readResponse(client);
    }

    /** Creates something on {@code b}, because {@code a} fails for a moment. */
    private Message createOnB(RawConnection client, String path, String body) throws Exception {
        failingBackend.set("a");
        Message created = post(client, path, body);
        failingBackend.set("");
        return created;
    }

    @Test
    void aResponseIsContinuedOnItsOwner() throws Exception {
        RawConnection client = client("");
        String first = createOnB(client, "/v1/responses", "{\"input\":\"x\"}").body();
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
    void aBodyLargerThanTheHeldSizeIsRoutedByItsFirstReferences() throws Exception {
        RawConnection client = client("limits: {held-size: 64KiB}");
        createOnB(client, "/v1/responses", "{\"input\":\"x\"}");
        String next = "{\"previous_response_id\":\"resp_b\",\"input\":\"" + "x".repeat(300_000) + "\"}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void reasoningGoesToTheBackendThatCanReadIt() throws Exception {
        RawConnection client = client("");
        createOnB(client, "/v1/responses", "{\"input\":\"x\"}");
        String next =
                "{\"store\":false,\"input\":[{\"type\":\"reasoning\",\"id\":\"rs_b\",\"encrypted_content\":\"e\"}]}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void theOwnerOfAStreamedResponseIsKnownOnceTheStreamHasStarted() throws Exception {
        RawConnection client = client("");
        Message stream = createOnB(client, "/v1/responses", "{\"stream\":true,\"input\":\"x\"}");
        assertThat(stream.body()).contains("resp_s_b");
        assertThat(get(client, "/v1/responses/resp_s_b").body()).contains("\"by\":\"b\"");
    }

    @Test
    void anUnknownIdIsSearchedOnEveryBackend() throws Exception {
        RawConnection client = client("");
        assertThat(get(client, "/v1/files/file-x_b").body()).contains("\"by\":\"b\"");
        String next = "{\"input\":\"x\",\"previous_response_id\":\"resp_x_b\"}";
        assertThat(post(client, "/v1/responses", next).body()).contains("\"by\":\"b\"");
    }

    @Test
    void anIdThatNoBackendStoresIsNotFound() throws Exception {
        RawConnection client = client("");
        Message response = get(client, "/v1/files/file-x_b+file-x_a");
        assertThat(response.status()).isEqualTo(404);
    }

    @Test
    void aReferenceInABodyDoesNotSetTheOwner() throws Exception {
        AtomicInteger stateRequests = new AtomicInteger();
        TestBackend chats = backend(peer -> {
            while (peer.hasInput()) {
                boolean chat = Message.readRequest(peer).target().contains("chat");
                stateRequests.addAndGet(chat ? 0 : 1);
                respond(peer, chat ? "200 OK" : "404 Not Found", "{}");
            }
        });
        TestBackend stores = backend(peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                respond(peer, "200 OK", "{}");
            }
        });
        RawConnection client = client(balancer(Setup.NONE
                .backend("chats", chats, "provider: openai, models: {m: m}")
                .backend("stores", stores, "provider: openai, models: {n: n}")));
        assertThat(get(client, "/v1/files/file-1").status()).isEqualTo(200);
        String claim = "{\"model\":\"m\",\"metadata\":{\"file_id\":\"file-1\"}}";
        assertThat(post(client, "/v1/chat/completions", claim).status()).isEqualTo(200);
        assertThat(get(client, "/v1/files/file-1").status()).isEqualTo(200);
        assertThat(stateRequests).hasValue(1);
    }

    @Test
    void listsAndNewListItemsGoToTheConfiguredHome() throws Exception {
        RawConnection client = client("state: {default-owner: b}");
        assertThat(get(client, "/v1/files").body()).contains("\"by\":\"b\"");
        assertThat(post(client, "/v1/vector_stores", "{\"name\":\"x\"}").body()).contains("\"by\":\"b\"");
        assertThat(post(client, "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}")
                        .body())
                .contains("\"by\":\"a\"");
    }

    @Test
    void aMissingIdIsNotReportedWhileABackendThatMayStoreItIsUnreachable() throws Exception {
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend(storing("a")))
                .backend("{name: dead, provider: openai, tier: 2, url: \"http://127.0.0.1:1\"}")));
        Message response = get(client, "/v1/files/file-x_b");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).contains("\"code\":\"state_unavailable\"");
    }

    @Test
    void aListIsNotRequestedFromABackendOtherThanItsHome() throws Exception {
        RawConnection client = client("state: {default-owner: b}");
        failingBackend.set("b");
        assertThat(get(client, "/v1/files").status()).isEqualTo(503);
    }

    @Test
    void stateOfAFailingBackendIsNotRequestedFromAnother() throws Exception {
        RawConnection client = client("");
        createOnB(client, "/v1/responses", "{\"input\":\"x\"}");
        failingBackend.set("b");
        assertThat(get(client, "/v1/responses/resp_b").status()).isEqualTo(503);
    }
}
