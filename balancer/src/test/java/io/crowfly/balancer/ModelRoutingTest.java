package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which backend gets a request by what its body says. Backend {@code a} serves `m-a` alone, {@code b} `m-b` alone. */
class ModelRoutingTest extends Testbed {

    private Wire client = null;
    private TestBackend a = null;
    private TestBackend b = null;

    @BeforeEach
    void start() throws Exception {
        a = backend(echoing("a"));
        b = backend(echoing("b"));
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", a, "provider: openai, models: {m-a: m-a}")
                .backend("b", b, "provider: openai, models: {m-b: m-b}")
                .and("limits: {held-size: 64KiB}"));
        client = client(balancer);
    }

    /** Answers with its own name and the body that it got. */
    private static TestBackend.Script echoing(String name) {
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

    private Message answerTo(String request) throws Exception {
        client.write(request);
        return Message.readAnswer(client);
    }

    @Test
    void sendsEachRequestToABackendThatServesItsModel() throws Exception {
        for (String name : new String[] {"a", "b", "a"}) {
            String body = "{\"model\":\"m-" + name + "\"}";
            assertThat(answerTo(post(body)).body()).isEqualTo(name + '|' + body);
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
            assertThat(Message.readAnswer(client).body()).isEqualTo("b|" + body);
        }
    }

    @Test
    void findsAModelThatStandsBehindALongPrompt() throws Exception {
        String body = "{\"messages\":[\"" + "word ".repeat(10_000) + "\"],\"model\":\"m-b\",\"tail\":\""
                + "x".repeat(200_000) + "\"}";
        assertThat(answerTo(post(body)).body()).isEqualTo("b|" + body);
    }

    @Test
    void refusesAModelThatDoesNotShowWithinWhatMayBeHeld() throws Exception {
        Message answer = answerTo(post("{\"messages\":[\"" + "x".repeat(300_000) + "\"],\"model\":\"m-a\"}"));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("\"code\":\"model_too_far\"");
        assertThat(a.connections() + b.connections()).isZero();
    }

    @Test
    void takesALargerBodyThatMayReferToWhatIsKeptOnceItsModelIsKnown() throws Exception {
        String body = "{\"model\":\"m-b\",\"input\":\"" + "x".repeat(300_000) + "\"}";
        Message answer = answerTo(post(body).replace("/v1/chat/completions", "/v1/responses"));
        assertThat(answer.body()).isEqualTo("b|" + body);
    }

    @Test
    void takesAFileThatIsLargerThanWhatMayBeHeldThoughItsFormNamesNoModel() throws Exception {
        String body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                + "x".repeat(300_000) + "\r\n--x--\r\n";
        String request = post("multipart/form-data; boundary=x", body).replace("/v1/chat/completions", "/v1/files");
        assertThat(answerTo(request).body()).endsWith('|' + body);
    }

    @Test
    void answers404ToAModelThatNobodyServes() throws Exception {
        Message answer = answerTo(post("{\"model\":\"gpt-17\\\"<x>\"}"));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body())
                .contains("\"code\":\"model_not_found\"", "`gpt-17\\\"<x>`", "\"type\":\"invalid_request_error\"");
        assertThat(a.connections() + b.connections()).isZero();
        // And the next request on the same connection is served.
        assertThat(answerTo(post("{\"model\":\"m-a\"}")).status()).isEqualTo(200);
    }

    @Test
    void refusesABodyThatNamesTwoModels() throws Exception {
        Message answer = answerTo(post("{\"model\":\"m-a\",\"model\":\"m-b\"}"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("duplicate_key");
    }

    @Test
    void sendsWhatIsNoJsonToTheBestBackend() throws Exception {
        assertThat(answerTo(post("text/plain", "{\"model\":\"m-b\"}")).body()).startsWith("a|");
        assertThat(answerTo(post("[\"model\"]")).body()).startsWith("a|");
        assertThat(answerTo(post("{broken")).body()).startsWith("a|");
    }

    @Test
    void aRuleAboutAModelHoldsForABodyWhoseModelCannotBeRead() throws Exception {
        Wire confined = client(
                balancer(
                        Setup.NONE
                                .backend("a", a, "provider: openai, region: us")
                                .backend("b", b, "provider: openai, region: eu")
                                .and(
                                        "routing: {tier-tolerance: unlimited, rules: [{when: {model: \"whisper*\"}, only: {region: eu}}]}")));
        String[] types = {"multipart/form-data; boundary=x", "text/plain", "application/json"};
        for (String type : types) {
            confined.write(post(type, "--x: no JSON, and it may name whisper-1"));
            assertThat(Message.readAnswer(confined).body()).startsWith("b|");
        }
        confined.write(post("{\"model\": \"gpt-4o\"}"));
        assertThat(Message.readAnswer(confined).body()).startsWith("a|");
    }
}
