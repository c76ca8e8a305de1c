package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a backend receives each model under its own name, and everything else unchanged. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class ModelRewritingTest extends Testbed {

    private static final String HEAD = "Host: h\r\nContent-Type: application/json\r\n";

    /** Responds with the target, the announced length and the body. */
    private static final TestBackend.ConnectionScript ECHO = peer -> {
        while (true) {
            Message request = Message.readRequest(peer);
            String length = request.has("content-length") ? request.header("content-length") : "chunked";
            String text = request.target() + '|' + length + '|' + request.body();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
        }
    };

    private RawConnection client(String backend) throws Exception {
        return client(balancer(Setup.NONE.backend("a", backend(ECHO), backend)));
    }

    private static String post(String path, String head, String body) {
        return "POST " + path + " HTTP/1.1\r\n" + head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String responseTo(RawConnection client, String request) throws Exception {
        client.write(request);
        Message response = Message.readResponse(client);
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static String chat(String body) {
        return post("/v1/chat/completions", HEAD, body);
    }

    private static String echo(String target, String body) {
        return target + '|' + body.length() + '|' + body;
    }

    @Test
    void theNameIsReplacedAndTheLengthCorrected() throws Exception {
        RawConnection client =
                client("provider: openai, models: {gpt-4o: a-much-longer-name, long-name-of-a-client: x}");
        for (String[] names : new String[][] {{"gpt-4o", "a-much-longer-name"}, {"long-name-of-a-client", "x"}}) {
            String before = "{\"messages\":[{\"model\":\"" + names[0] + "\"}], \"model\" : \"";
            String after = "\", \"stream\": false}";
            assertThat(responseTo(client, chat(before + names[0] + after)))
                    .isEqualTo(echo("/v1/chat/completions", before + names[1] + after));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10_000})
    void theNameIsReplacedHoweverTheBodyIsCutUp(int size) throws Exception {
        RawConnection client = client("provider: openai, models: {gpt-4o: ours}");
        String body = "{\"\\u006dodel\":\"gpt-\\u0034o\",\"input\":\"x\"}";
        client.write("POST /v1/chat/completions HTTP/1.1\r\n" + HEAD + "Transfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < body.length(); at += size) {
            String piece = body.substring(at, Math.min(at + size, body.length()));
            client.write(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
        }
        client.write("0\r\n\r\n");
        assertThat(Message.readResponse(client).body())
                .isEqualTo("/v1/chat/completions|chunked|{\"\\u006dodel\":\"ours\",\"input\":\"x\"}");
    }

    @Test
    void aRetryUsesTheModelNameOfItsOwnBackend() throws Exception {
        TestBackend failing = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        });
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", failing, "provider: openai, models: {gpt-4o: first}")
                .backend("b", backend(ECHO), "provider: openai, models: {gpt-4o: the-second}")));
        assertThat(responseTo(client, chat("{\"input\":\"x\",\"model\":\"gpt-4o\"}")))
                .isEqualTo(echo("/v1/chat/completions", "{\"input\":\"x\",\"model\":\"the-second\"}"));
        assertThat(failing.connection(0).received()).contains("\"model\":\"first\"");
    }

    @Test
    void aPrefixWithAStarMatchesAllNamesThatStartWithIt() throws Exception {
        RawConnection client = client("provider: openai, models: {\"gpt-4o*\": big, gpt-4o-mini: small}");
        assertThat(responseTo(client, chat("{\"model\":\"gpt-4o-2024-11-20\"}")))
                .endsWith("{\"model\":\"big\"}");
        assertThat(responseTo(client, chat("{\"model\":\"gpt-4o-mini\"}"))).endsWith("{\"model\":\"small\"}");
    }

    @Test
    void aFormNamesTheModelBeforeOrAfterTheFile() throws Exception {
        RawConnection client = client("provider: openai, models: {whisper-1: ours}");
        String file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"model\"\r\n\r\n"
                + "RIFF name=\"model\" -bx\r\n";
        String model = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n";
        for (String[] form : new String[][] {{file + model, "\r\n--b--\r\n"}, {model, "\r\n" + file + "--b--\r\n"}}) {
            String type = "Host: h\r\nContent-Type: multipart/form-data; boundary=b\r\n";
            assertThat(responseTo(client, post("/v1/audio/transcriptions", type, form[0] + "whisper-1" + form[1])))
                    .isEqualTo(echo("/v1/audio/transcriptions", form[0] + "ours" + form[1]));
        }
    }

    @Test
    void aClassicDeploymentIsNamedInThePathAndTheBodyIsUnchanged() throws Exception {
        RawConnection client = client(
                "provider: azure, api: deployments, api-version: \"2024-10-21\", models: {gpt-4o: weu deployment}");
        String body = "{\"model\":\"gpt-4o\",\"messages\":[]}";
        assertThat(responseTo(client, chat(body)))
                .isEqualTo(echo("/openai/deployments/weu%20deployment/chat/completions?api-version=2024-10-21", body));
    }

    @Test
    void aClientCannotNameADeploymentInThePath() throws Exception {
        RawConnection client =
                client("provider: azure, api: deployments, api-version: \"2024-10-21\", models: {gpt-4o: weu}");
        for (String path : new String[] {"/v1/deployments/x/chat/completions", "/openai/v1/Deployments/x/embeddings"}) {
            client.write(post(path, HEAD, "{\"model\":\"gpt-4o\"}"));
            assertThat(Message.readResponse(client).status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void aClientWrittenForAzureCanUseAnyBackend() throws Exception {
        String classic = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
        String with = "{\"model\":\"gpt-4o\",\"messages\":[]}";
        String without = "{\"messages\":[]}";
        RawConnection client =
                client("provider: google, project: p, location: l1, models: {gpt-4o: google/gemini-2.5-flash}");
        String vertex = "/v1/projects/p/locations/l1/endpoints/openapi/chat/completions";
        assertThat(responseTo(client, post(classic, HEAD, with)))
                .isEqualTo(echo(vertex, "{\"model\":\"google/gemini-2.5-flash\",\"messages\":[]}"));
        assertThat(responseTo(client, post(classic, HEAD, without)))
                .isEqualTo(echo(vertex, "{\"model\":\"google/gemini-2.5-flash\",\"messages\":[]}"));
    }

    @Test
    void digestsOfAChangedBodyAreRemoved() throws Exception {
        TestBackend backend = backend(ECHO);
        RawConnection client =
                client(balancer(Setup.NONE.backend("a", backend, "provider: openai, models: {m: ours, n: n}")));
        String digest = HEAD + "Content-MD5: x\r\nContent-Digest: sha-256=:x:\r\n";
        responseTo(client, post("/v1/chat/completions", digest, "{\"model\":\"m\"}"));
        assertThat(backend.connection(0).received().toLowerCase()).doesNotContain("content-md5", "content-digest");
        responseTo(client, post("/v1/chat/completions", digest, "{\"model\":\"n\"}"));
        assertThat(backend.connection(0).received().toLowerCase()).contains("content-md5", "content-digest");
    }

    @Test
    void aModelThatIsNoNameIsRefusedWhereModelsDecide() throws Exception {
        RawConnection client = client("provider: openai, models: {m: ours}");
        for (String model : new String[] {"null", "7", "[\"m\"]", "\"m\\u0000\"", "\"\"", "\" \""}) {
            client.write(chat("{\"model\":" + model + "}"));
            Message response = Message.readResponse(client);
            assertThat(response.status()).as(model).isEqualTo(400);
            assertThat(response.body()).contains("\"code\":\"invalid_model\"");
        }
    }

    @Test
    void aModelAtAKeyInCapitalsIsRefusedWhereModelsDecide() throws Exception {
        String body = "{\"Model\":\"m\"}";
        RawConnection client = client("provider: openai, models: {m: ours}");
        client.write(chat(body));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"invalid_model\"", "lower case");

        assertThat(responseTo(client("provider: openai"), chat(body))).endsWith(body);
    }

    @Test
    void aBodyWhoseModelCannotBeReadIsRefusedWhereModelsDecide() throws Exception {
        RawConnection client = client("provider: openai, models: {m: ours}");
        client.write(chat("{\"messages\":[]}"));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"model_required\"");
        client.write(post("/v1/chat/completions", HEAD + "Content-Encoding: gzip\r\n", "zip"));
        response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(415);
        assertThat(response.body()).contains("\"code\":\"unsupported_content_encoding\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"completions", "embeddings", "audio/speech", "images/edits", "images/generations", "moderations"
            })
    void aRequestThatNeedsAModelAndNamesNoneIsRefusedWhereModelsDecide(String operation) throws Exception {
        RawConnection client = client("provider: azure, models: {m: ours}");
        client.write(post("/v1/" + operation, HEAD, "{\"input\":\"x\"}"));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"model_required\"");
        String named = "{\"model\":\"m\"}";
        assertThat(responseTo(client, post("/v1/" + operation, HEAD, named))).endsWith("{\"model\":\"ours\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"audio/transcriptions", "audio/translations", "images/edits"})
    void aFormThatNeedsAModelAndNamesNoneIsRefusedWhereModelsDecideUnlessThePathNamesIt(String operation)
            throws Exception {
        RawConnection client = client("provider: azure, models: {m: ours}");
        String type = "Host: h\r\nContent-Type: multipart/form-data; boundary=b\r\n";
        String form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n";
        client.write(post("/v1/" + operation, type, form));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"model_required\"");
        assertThat(responseTo(client, post("/openai/deployments/m/" + operation + "?api-version=1", type, form)))
                .contains("name=\"model\"\r\n\r\nours\r\n");
    }

    @Test
    void aModelMayBeAbsentWhereModelsDoNotDecide() throws Exception {
        RawConnection client = client("provider: openai");
        String blank = "{\"model\":\"\"}";
        assertThat(responseTo(client, chat(blank))).isEqualTo(echo("/v1/chat/completions", blank));
        assertThat(responseTo(client, post("/v1/moderations", HEAD, "{}"))).isEqualTo(echo("/v1/moderations", "{}"));
    }

    @Test
    void theNameInThePathReplacesABlankName() throws Exception {
        RawConnection client = client("provider: openai, models: {m: ours}");
        String path = "/openai/deployments/m/chat/completions?api-version=1";
        assertThat(responseTo(client, post(path, HEAD, "{\"model\":\"\",\"messages\":[]}")))
                .isEqualTo(echo("/v1/chat/completions", "{\"model\":\"ours\",\"messages\":[]}"));
    }

    @Test
    void aRequestWithAStoredPromptNeedsNoModel() throws Exception {
        RawConnection client = client("provider: openai, models: {m: ours}");
        String body = "{\"prompt\":{\"id\":\"pmpt_fix\"},\"input\":\"x\"}";
        assertThat(responseTo(client, post("/v1/responses", HEAD, body))).isEqualTo(echo("/v1/responses", body));
    }

    @Test
    void aBodyThatIsNestedTooDeeplyIsRefused() throws Exception {
        RawConnection client = client("provider: openai, models: {m: ours}");
        client.write(chat("{\"x\":" + "[".repeat(100_000)));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.body()).contains("\"code\":\"nested_too_deep\"");
    }

    @Test
    void aBodyThatDoesNotNameItsModelInTimeGets408() throws Exception {
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend(ECHO), "provider: openai, models: {m: ours}")
                .withLines("timeouts: {body: 100ms}")));
        client.write("POST /v1/chat/completions HTTP/1.1\r\n" + HEAD + "Content-Length: 100\r\n\r\n{\"input\":");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.body()).contains("\"code\":\"request_timeout\"");
    }
}
