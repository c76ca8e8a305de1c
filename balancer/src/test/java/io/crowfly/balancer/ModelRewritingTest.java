package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backend gets each model under its own name of it, and everything else as it came. */
class ModelRewritingTest extends Testbed {

    private static final String HEAD = "Host: h\r\nContent-Type: application/json\r\n";

    /** Answers with the target, the length that was announced, and the body. */
    private static final TestBackend.Script ECHO = peer -> {
        while (true) {
            Message request = Message.readRequest(peer);
            String length = request.has("content-length") ? request.header("content-length") : "chunked";
            String text = request.target() + '|' + length + '|' + request.body();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
        }
    };

    private Wire client(String backend) throws Exception {
        return client(balancer(Setup.NONE.backend("a", backend(ECHO), backend)));
    }

    private static String post(String path, String head, String body) {
        return "POST " + path + " HTTP/1.1\r\n" + head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String answerTo(Wire client, String request) throws Exception {
        client.write(request);
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static String chat(String body) {
        return post("/v1/chat/completions", HEAD, body);
    }

    private static String echo(String target, String body) {
        return target + '|' + body.length() + '|' + body;
    }

    @Test
    void theNameIsReplacedAndTheLengthCorrected() throws Exception {
        Wire client = client("provider: openai, models: {gpt-4o: a-much-longer-name, long-name-of-a-client: x}");
        for (String[] names : new String[][] {{"gpt-4o", "a-much-longer-name"}, {"long-name-of-a-client", "x"}}) {
            String before = "{\"messages\":[{\"model\":\"" + names[0] + "\"}], \"model\" : \"";
            String after = "\", \"stream\": false}";
            assertThat(answerTo(client, chat(before + names[0] + after)))
                    .isEqualTo(echo("/v1/chat/completions", before + names[1] + after));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10_000})
    void theNameIsReplacedHoweverTheBodyIsCutUp(int size) throws Exception {
        Wire client = client("provider: openai, models: {gpt-4o: ours}");
        String body = "{\"\\u006dodel\":\"gpt-\\u0034o\",\"input\":\"x\"}";
        client.write("POST /v1/chat/completions HTTP/1.1\r\n" + HEAD + "Transfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < body.length(); at += size) {
            String piece = body.substring(at, Math.min(at + size, body.length()));
            client.write(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
        }
        client.write("0\r\n\r\n");
        assertThat(Message.readAnswer(client).body())
                .isEqualTo("/v1/chat/completions|chunked|{\"\\u006dodel\":\"ours\",\"input\":\"x\"}");
    }

    @Test
    void aSecondAttemptNamesTheModelAsItsOwnBackendDoes() throws Exception {
        TestBackend failing = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        });
        Wire client = client(balancer(Setup.NONE
                .backend("a", failing, "provider: openai, models: {gpt-4o: first}")
                .backend("b", backend(ECHO), "provider: openai, models: {gpt-4o: the-second}")));
        assertThat(answerTo(client, chat("{\"input\":\"x\",\"model\":\"gpt-4o\"}")))
                .isEqualTo(echo("/v1/chat/completions", "{\"input\":\"x\",\"model\":\"the-second\"}"));
        assertThat(failing.connection(0).received()).contains("\"model\":\"first\"");
    }

    @Test
    void aBeginningOfANameStandsForAllThatBeginSo() throws Exception {
        Wire client = client("provider: openai, models: {\"gpt-4o*\": big, gpt-4o-mini: small}");
        assertThat(answerTo(client, chat("{\"model\":\"gpt-4o-2024-11-20\"}"))).endsWith("{\"model\":\"big\"}");
        assertThat(answerTo(client, chat("{\"model\":\"gpt-4o-mini\"}"))).endsWith("{\"model\":\"small\"}");
    }

    @Test
    void aFormNamesItBeforeOrBehindTheFile() throws Exception {
        Wire client = client("provider: openai, models: {whisper-1: ours}");
        String file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"model\"\r\n\r\n"
                + "RIFF name=\"model\" --bx\r\n";
        String model = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n";
        for (String[] form : new String[][] {{file + model, "\r\n--b--\r\n"}, {model, "\r\n" + file + "--b--\r\n"}}) {
            String type = "Host: h\r\nContent-Type: multipart/form-data; boundary=b\r\n";
            assertThat(answerTo(client, post("/v1/audio/transcriptions", type, form[0] + "whisper-1" + form[1])))
                    .isEqualTo(echo("/v1/audio/transcriptions", form[0] + "ours" + form[1]));
        }
    }

    @Test
    void aClassicDeploymentIsNamedInThePathAndTheBodyStaysAsItIs() throws Exception {
        Wire client = client(
                "provider: azure, api: deployments, api-version: \"2024-10-21\", models: {gpt-4o: weu deployment}");
        String body = "{\"model\":\"gpt-4o\",\"messages\":[]}";
        assertThat(answerTo(client, chat(body)))
                .isEqualTo(echo("/openai/deployments/weu%20deployment/chat/completions?api-version=2024-10-21", body));
    }

    @Test
    void aClientsPathNamesNoDeploymentOfItsOwnChoice() throws Exception {
        Wire client = client("provider: azure, api: deployments, api-version: \"2024-10-21\", models: {gpt-4o: weu}");
        for (String path : new String[] {"/v1/deployments/x/chat/completions", "/openai/v1/Deployments/x/embeddings"}) {
            client.write(post(path, HEAD, "{\"model\":\"gpt-4o\"}"));
            assertThat(Message.readAnswer(client).status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void aClientWrittenForAzureGetsToAnyBackend() throws Exception {
        String classic = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
        String with = "{\"model\":\"gpt-4o\",\"messages\":[]}";
        String without = "{\"messages\":[]}";
        Wire client = client("provider: google, project: p, location: l1, models: {gpt-4o: google/gemini-2.5-flash}");
        String vertex = "/v1/projects/p/locations/l1/endpoints/openapi/chat/completions";
        assertThat(answerTo(client, post(classic, HEAD, with)))
                .isEqualTo(echo(vertex, "{\"model\":\"google/gemini-2.5-flash\",\"messages\":[]}"));
        assertThat(answerTo(client, post(classic, HEAD, without)))
                .isEqualTo(echo(vertex, "{\"model\":\"google/gemini-2.5-flash\",\"messages\":[]}"));
    }

    @Test
    void digestsOfABodyThatIsChangedAreTakenOut() throws Exception {
        TestBackend backend = backend(ECHO);
        Wire client = client(balancer(Setup.NONE.backend("a", backend, "provider: openai, models: {m: ours, n: n}")));
        String digest = HEAD + "Content-MD5: x\r\nContent-Digest: sha-256=:x:\r\n";
        answerTo(client, post("/v1/chat/completions", digest, "{\"model\":\"m\"}"));
        assertThat(backend.connection(0).received().toLowerCase()).doesNotContain("content-md5", "content-digest");
        answerTo(client, post("/v1/chat/completions", digest, "{\"model\":\"n\"}"));
        assertThat(backend.connection(0).received().toLowerCase()).contains("content-md5", "content-digest");
    }

    @Test
    void aModelThatIsNoNameIsRefusedWhereModelsDecide() throws Exception {
        Wire client = client("provider: openai, models: {m: ours}");
        for (String model : new String[] {"null", "7", "[\"m\"]", "\"m\\u0000\"", "\"\"", "\" \""}) {
            client.write(chat("{\"model\":" + model + "}"));
            Message answer = Message.readAnswer(client);
            assertThat(answer.status()).as(model).isEqualTo(400);
            assertThat(answer.body()).contains("\"code\":\"invalid_model\"");
        }
    }

    @Test
    void aModelAtAKeyInCapitalsIsRefusedWhereModelsDecide() throws Exception {
        String body = "{\"Model\":\"m\"}";
        Wire client = client("provider: openai, models: {m: ours}");
        client.write(chat(body));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"invalid_model\"", "small letters");

        assertThat(answerTo(client("provider: openai"), chat(body))).endsWith(body);
    }

    @Test
    void aBodyWhoseModelCanNotBeReadIsRefusedWhereModelsDecide() throws Exception {
        Wire client = client("provider: openai, models: {m: ours}");
        client.write(chat("{\"messages\":[]}"));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"model_required\"");
        client.write(post("/v1/chat/completions", HEAD + "Content-Encoding: gzip\r\n", "zip"));
        answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.body()).contains("\"code\":\"unsupported_content_encoding\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"completions", "embeddings", "audio/speech", "images/edits", "images/generations", "moderations"
            })
    void aRequestThatNeedsAModelAndNamesNoneIsRefusedWhereModelsDecide(String operation) throws Exception {
        Wire client = client("provider: azure, models: {m: ours}");
        client.write(post("/v1/" + operation, HEAD, "{\"input\":\"x\"}"));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"model_required\"");
        String named = "{\"model\":\"m\"}";
        assertThat(answerTo(client, post("/v1/" + operation, HEAD, named))).endsWith("{\"model\":\"ours\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"audio/transcriptions", "audio/translations", "images/edits"})
    void aFormThatNeedsAModelAndNamesNoneIsRefusedWhereModelsDecideUnlessThePathNamesIt(String operation)
            throws Exception {
        Wire client = client("provider: azure, models: {m: ours}");
        String type = "Host: h\r\nContent-Type: multipart/form-data; boundary=b\r\n";
        String form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n";
        client.write(post("/v1/" + operation, type, form));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"model_required\"");
        assertThat(answerTo(client, post("/openai/deployments/m/" + operation + "?api-version=1", type, form)))
                .contains("name=\"model\"\r\n\r\nours\r\n");
    }

    @Test
    void aRequestThatNeedsAModelMayLeaveItToABackendWhereModelsDoNotDecide() throws Exception {
        Wire client = client("provider: openai");
        String blank = "{\"model\":\"\"}";
        assertThat(answerTo(client, chat(blank))).isEqualTo(echo("/v1/chat/completions", blank));
        assertThat(answerTo(client, post("/v1/moderations", HEAD, "{}"))).isEqualTo(echo("/v1/moderations", "{}"));
    }

    @Test
    void aBlankNameGivesWayToTheOneInThePath() throws Exception {
        Wire client = client("provider: openai, models: {m: ours}");
        String path = "/openai/deployments/m/chat/completions?api-version=1";
        assertThat(answerTo(client, post(path, HEAD, "{\"model\":\"\",\"messages\":[]}")))
                .isEqualTo(echo("/v1/chat/completions", "{\"model\":\"ours\",\"messages\":[]}"));
    }

    @Test
    void whatComesOfAStoredPromptNeedNameNoModel() throws Exception {
        Wire client = client("provider: openai, models: {m: ours}");
        String body = "{\"prompt\":{\"id\":\"pmpt_fix\"},\"input\":\"x\"}";
        assertThat(answerTo(client, post("/v1/responses", HEAD, body))).isEqualTo(echo("/v1/responses", body));
    }

    @Test
    void aBodyThatIsNestedTooDeepIsRefused() throws Exception {
        Wire client = client("provider: openai, models: {m: ours}");
        client.write(chat("{\"x\":" + "[".repeat(100_000)));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("\"code\":\"nested_too_deep\"");
    }

    @Test
    void aBodyThatDoesNotNameItsModelInTimeIsGivenUp() throws Exception {
        Wire client = client(balancer(Setup.NONE
                .backend("a", backend(ECHO), "provider: openai, models: {m: ours}")
                .and("timeouts: {body: 100ms}")));
        client.write("POST /v1/chat/completions HTTP/1.1\r\n" + HEAD + "Content-Length: 100\r\n\r\n{\"input\":");
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.body()).contains("\"code\":\"request_timeout\"");
    }
}
