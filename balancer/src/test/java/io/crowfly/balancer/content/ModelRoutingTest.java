package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the choice of a backend by the body. Backend {@code a} serves only `m-a`, {@code b} only `m-b`. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class ModelRoutingTest extends Testbed {

    private RawConnection client = null;
    private TestBackend a = null;
    private TestBackend b = null;

    @BeforeEach
    void start() throws Exception {
        a = backend(echoing("a"));
        b = backend(echoing("b"));
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", a, "provider: openai, models: {m-a: m-a}")
                .backend("b", b, "provider: openai, models: {m-b: m-b}")
                .withLines("limits: {held-size: 64KiB}"));
        client = client(balancer);
    }

    /** Returns a script that responds with its own name and the received body. */
    private static TestBackend.ConnectionScript echoing(String name) {
        return peer -> {
            while (true) {
                String text = name + '|' + Message.readRequest(peer).body();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
            }
        };
    }

    private static String post(String body) {
        return post("application/json", body);
    }

    private static String post(String type, String body) {
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: " + type + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private Message responseTo(String request) throws Exception {
        client.write(request);
        return Message.readResponse(client);
    }

    @Test
    void sendsEachRequestToABackendThatServesItsModel() throws Exception {
        for (String name : new String[] {"a", "b", "a"}) {
            String body = "{\"model\":\"m-" + name + "\"}";
            assertThat(responseTo(post(body)).body()).isEqualTo(name + '|' + body);
        }
    }

    @Test
    void findsTheModelHoweverTheBodyIsCutUp() throws Exception {
        String body = "{\"stream\": true, \"m\\u006fdel\" : \"m-b\", \"x\": [1, {\"model\": \"m-a\"}]}";
        for (int size = 1; size <= body.length(); size++) {
            client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < body.length(); at += size) {
                String piece = body.substring(at, Math.min(at + size, body.length()));
                client.write(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
            }
            client.write("0\r\n\r\n");
            assertThat(Message.readResponse(client).body()).isEqualTo("b|" + body);
        }
    }

    @Test
    void findsAModelAfterALongPrompt() throws Exception {
        String body = "{\"messages\":[\"" + "word ".repeat(10_000) + "\"],\"model\":\"m-b\",\"tail\":\""
                + "x".repeat(200_000) + "\"}";
        assertThat(responseTo(post(body)).body()).isEqualTo("b|" + body);
    }

    @Test
    void refusesAModelBeyondTheHeldSize() throws Exception {
        Message response = responseTo(post("{\"messages\":[\"" + "x".repeat(300_000) + "\"],\"model\":\"m-a\"}"));
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.body()).contains("\"code\":\"model_too_far\"");
        assertThat(a.connections() + b.connections()).isZero();
    }

    @Test
    void acceptsALargeBodyThatMayReferToStoredStateOnceItsModelIsKnown() throws Exception {
        String body = "{\"model\":\"m-b\",\"input\":\"" + "x".repeat(300_000) + "\"}";
        Message response = responseTo(post(body).replace("/v1/chat/completions", "/v1/responses"));
        assertThat(response.body()).isEqualTo("b|" + body);
    }

    @Test
    void acceptsAFileLargerThanTheHeldSizeWithoutAModel() throws Exception {
        String body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                + "x".repeat(300_000) + "\r\n--x--\r\n";
        String request = post("multipart/form-data; boundary=x", body).replace("/v1/chat/completions", "/v1/files");
        assertThat(responseTo(request).body()).endsWith('|' + body);
    }

    @Test
    void respondsWith404ToAModelThatNoBackendServes() throws Exception {
        Message response = responseTo(post("{\"model\":\"gpt-17\\\"<x>\"}"));
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body())
                .contains("\"code\":\"model_not_found\"", "`gpt-17\\\"<x>`", "\"type\":\"invalid_request_error\"");
        assertThat(a.connections() + b.connections()).isZero();
        // The next request on the same connection is served.
        assertThat(responseTo(post("{\"model\":\"m-a\"}")).status()).isEqualTo(200);
    }

    @Test
    void refusesABodyThatNamesTwoModels() throws Exception {
        Message response = responseTo(post("{\"model\":\"m-a\",\"model\":\"m-b\"}"));
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("duplicate_key");
    }

    @Test
    void sendsABodyThatIsNotJsonToTheBestBackend() throws Exception {
        assertThat(responseTo(post("text/plain", "{\"model\":\"m-b\"}")).body()).startsWith("a|");
        assertThat(responseTo(post("application/x-www-form-urlencoded", "a=b")).body())
                .startsWith("a|");
    }

    @Test
    void refusesBrokenJsonBeforeItIsSentWhetherOrNotAModelWasFound() throws Exception {
        String[] broken = {
            "{broken",
            "{",
            "{\"model\":\"m-b\"",
            "{\"messages\":[",
            "{\"model\":\"m-b\",\"x\":NaN}",
            "[\"model\"]",
            "{}}"
        };
        for (String body : broken) {
            Message response = responseTo(post(body));
            assertThat(response.status()).as(body).isEqualTo(400);
            assertThat(response.body()).as(body).contains("\"code\":\"unreadable_body\"");
        }
        assertThat(responseTo(post("{\"model\":\"m-b\"")).body())
                .contains("not a valid JSON object: it is incomplete.");
        assertThat(a.connections() + b.connections()).isZero();
        // The next request on the same connection is served.
        assertThat(responseTo(post("{\"model\":\"m-a\"}")).status()).isEqualTo(200);
    }

    @Test
    void severalJsonDocumentsInOneBodyAreNotBroken() throws Exception {
        String lines = "{\"a\":1}\n{\"a\":2}\n";
        String request = post("application/jsonl", lines).replace("/v1/chat/completions", "/v1/other");
        assertThat(responseTo(request).body()).endsWith("|" + lines);
    }

    @Test
    void refusesBrokenJsonAlsoIfModelsDoNotSelectTheBackend() throws Exception {
        RawConnection free = client(balancer(Setup.NONE.backend("a", a).backend("b", b)));
        free.write(post("{\"messages\":["));
        assertThat(Message.readResponse(free).body()).contains("\"code\":\"unreadable_body\"");
        assertThat(a.connections() + b.connections()).isZero();
    }

    @Test
    void forwardsBrokenJsonToASingleBackendForWhichNothingDependsOnTheBody() throws Exception {
        RawConnection transparent = client(balancer(Setup.NONE.backend("a", a)));
        transparent.write(post("{\"messages\":["));
        assertThat(Message.readResponse(transparent).body()).isEqualTo("a|{\"messages\":[");
    }

    @Test
    void aRuleForAModelAppliesToABodyWhoseModelCannotBeRead() throws Exception {
        RawConnection confined = client(
                balancer(
                        Setup.NONE
                                .backend("a", a, "provider: openai, region: us")
                                .backend("b", b, "provider: openai, region: eu")
                                .withLines(
                                        "routing: {tier-tolerance: unlimited, rules: [{when: {model: \"whisper*\"}, only: {region: eu}}]}")));
        String[] types = {"text/plain", "application/json; charset=utf-7", "audio/wav"};
        for (String type : types) {
            confined.write(post(type, "--x: no JSON, and it may name whisper-1"));
            assertThat(Message.readResponse(confined).body()).startsWith("b|");
        }
        confined.write(post("{\"model\": \"gpt-4o\"}"));
        assertThat(Message.readResponse(confined).body()).startsWith("a|");
    }
}
