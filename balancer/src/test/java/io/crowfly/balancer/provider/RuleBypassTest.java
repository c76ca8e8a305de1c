package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RuleTestbed;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No form of a request bypasses a rule. The rules reserve the model {@code secret} and embeddings for {@code b}. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class RuleBypassTest extends RuleTestbed {

    private static final String SECRET = "{\"model\":\"secret\"}";

    @BeforeEach
    void start() throws Exception {
        startWithRules(SECRET_MODELS, "{when: {path: /v1/embeddings}, only: {backends: [b]}}");
    }

    /** Sends a request and checks that {@code a} has received nothing. */
    private Message sendAvoidingA(String path, String type, String body) throws Exception {
        Message response = post(path, type, body);
        assertThat(a.connections()).as("%s %s", path, response.body()).isZero();
        return response;
    }

    @Test
    void aModelInThePathDoesNotHideAnotherInAnUnreadBody() throws Exception {
        String path = "/openai/deployments/public/chat/completions?api-version=1";
        for (String type : new String[] {
            "Content-Type: text/plain\r\n",
            "Content-Encoding: gzip\r\n",
            "Content-Encoding: identity\r\nContent-Encoding: deflate\r\n"
        }) {
            assertThat(sendAvoidingA(path, type, SECRET).status()).isEqualTo(400);
        }
    }

    @Test
    void refusesABodyThatIsWronglyDeclaredAForm() throws Exception {
        assertThat(sendAvoidingA("/v1/chat/completions", "Content-Type: multipart/form-data; boundary=x\r\n", SECRET)
                        .body())
                .contains("\"code\":\"ambiguous_form\"");
    }

    @Test
    void aBodyWithTwoContentTypesMayHaveAnyModel() throws Exception {
        sendAvoidingA("/v1/chat/completions", "Content-Type: text/plain\r\nContent-Type: application/json\r\n", SECRET);
    }

    @Test
    void refusesABodyThatIsUnreadableAfterItsModel() throws Exception {
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "12\r\n{\"model\":\"public\",\r\n");
        client.write("1a\r\n\"x\":NaN,\"model\":\"secret\"}\r\n0\r\n\r\n");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"unreadable_body\"");
    }

    @Test
    void refusesAModelAtAKeyThatOnlySomeBackendsRead() throws Exception {
        for (String key : new String[] {"Model", "MODEL", "\\u004dodel"}) {
            assertThat(sendAvoidingA("/v1/chat/completions", "", "{\"" + key + "\":\"secret\"}")
                            .body())
                    .as(key)
                    .contains("\"code\":\"invalid_model\"");
        }
        assertThat(sendAvoidingA("/v1/chat/completions", "", "{\"model\":\"public\",\"Model\":\"secret\"}")
                        .body())
                .contains("\"code\":\"duplicate_key\"");
        String path = "/openai/deployments/public/chat/completions?api-version=1";
        assertThat(sendAvoidingA(path, "", "{\"Model\":\"secret\"}").body()).contains("\"code\":\"unreadable_body\"");
    }

    @Test
    void aSessionDefinedInAdvanceMayHaveAnyModel() throws Exception {
        String session = "{\"type\":\"realtime\",\"model\":\"secret\"}";
        assertThat(sendAvoidingA("/v1/realtime/client_secrets", "", "{\"session\":" + session + "}")
                        .status())
                .isEqualTo(200);
        String call = "--x\r\nContent-Disposition: form-data; name=\"sdp\"\r\n\r\nv=0\r\n"
                + "--x\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n" + session + "\r\n--x--\r\n";
        assertThat(sendAvoidingA("/v1/realtime/calls", "Content-Type: multipart/form-data; boundary=x\r\n", call)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aWebSocketWithoutAModelMayUseAnyModel() throws Exception {
        client.write("GET /v1/realtime?intent=transcription HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(a.connections()).isZero();
    }

    @Test
    void rulesTreatAzuresPathsLikeOpenAis() throws Exception {
        for (String path : new String[] {
            "/openai/v1/embeddings", "/openai/deployments/m/embeddings?api-version=1", "/v1/%65mbeddings"
        }) {
            assertThat(sendAvoidingA(path, "", "{\"model\":\"m\"}").status())
                    .as(path)
                    .isEqualTo(200);
        }
    }

    @Test
    void rulesSeeThePathOfTheOperationAlsoWithoutTheVersionOrWithASlashAtTheEnd() throws Exception {
        TestBackend owner = backend(peer -> {
            while (peer.hasInput()) {
                String target = Message.readRequest(peer).target();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
        client = client(balancer(Setup.NONE
                .backend("a", a)
                .backend("b", owner)
                .withLines("routing: {rules: [{when: {path: /v1/embeddings}, only: {backends: [b]}}]}")));
        for (String path : new String[] {
            "/embeddings",
            "/embeddings/",
            "/%65mbeddings",
            "/v1/embeddings/",
            "/openai/v1/embeddings/",
            "/openai/deployments/m/embeddings/?api-version=1"
        }) {
            assertThat(sendAvoidingA(path, "", "{\"model\":\"m\"}").body())
                    .as(path)
                    .isEqualTo("/v1/embeddings");
        }
    }

    @Test
    void theModelOfACallIsThatOfItsSession() throws Exception {
        String call = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\npublic\r\n"
                + "--x\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n{\"model\":\"secret\"}\r\n--x--\r\n";
        assertThat(sendAvoidingA("/v1/realtime/calls", "Content-Type: multipart/form-data; boundary=x\r\n", call)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refusesAPathThatServersReadInDifferentWays() throws Exception {
        for (String path : new String[] {
            "/v1%2Fembeddings",
            "/v1/embeddings%00",
            "/v1/embeddings%20",
            "/v1/embeddings%3Fa",
            "/v1/embeddings;a",
            "/v1/embeddings%3Ba",
            "/v1;a=b/embeddings",
            "/v1/embeddings//",
            "/v1/embeddings%2F",
            "/embeddings//",
            "/embeddings%2F",
            "/embeddings;a",
            "/embeddings.",
            "/Embeddings",
            "/EMBEDDINGS/",
            "//embeddings",
            "//v1/embeddings",
            "/v1//embeddings",
            "/v1/./embeddings",
            "/v1/x/../embeddings",
            "/v1/x/%2e%2E/embeddings",
            "/v1/.../embeddings",
            "/v1/embeddings.",
            "/v1/embeddings%2E",
            "/v1./embeddings",
            "/v1\\embeddings",
            "/v1/embeddin%c1%a7s",
            "/v1/embedding%EF%BD%93",
            "/v1/%2565mbeddings",
            "/v1/embeddings,a",
            "/v1/+embeddings",
            "/V1/Embeddings",
            "/v1/EMBEDDINGS",
            "http://h/v1/embeddings;a",
            "http://h//v1/embeddings"
        }) {
            Message response = sendAvoidingA(path, "", "{\"model\":\"m\"}");
            assertThat(response.status()).as(path).isEqualTo(404);
            assertThat(response.body()).as(path).contains("\"code\":\"ambiguous_path\"");
        }
    }

    @Test
    void realPathsPassRulesAboutPaths() throws Exception {
        for (String path : new String[] {
            "/v1/files/file-abc123/content",
            "/v1/batches/batch_68f0",
            "/v1/responses/resp_0A~1.b/input_items?limit=2",
            "/v1/responses/resp_bGl0ZWxsbTo==",
            "/v1/models/meta-llama/Llama-3.3-70B-Instruct",
            "/v1/models/gpt-4o:2024",
            "/v1/models/ft:gpt-4o:org::id",
            "/v1/publishers/google/models/x@001:generateContent",
            "/?a=%2F;b",
            "http://h/v1/files/file-1"
        }) {
            client.write("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readResponse(client).status()).as(path).isEqualTo(200);
            assertThat(a.connections()).isEqualTo(1);
        }
    }

    @Test
    void refusesAHeaderByWhichSomeServersReplaceThePath() throws Exception {
        for (String name : new String[] {"X-Original-URL", "x-rewrite-url"}) {
            assertThat(sendAvoidingA("/v1/chat/completions", name + ": /v1/embeddings\r\n", "{\"model\":\"m\"}")
                            .body())
                    .contains("\"code\":\"ambiguous_header\"");
        }
    }

    @Test
    void refusesAModelInTheQueryWhichSomeGatewaysPrefer() throws Exception {
        for (String query : new String[] {
            "model=secret", "a=b;Model=secret", "%6dodel=secret", "model[]=secret", "+model=secret", "deployment=secret"
        }) {
            assertThat(sendAvoidingA("/v1/chat/completions?" + query, "", "{\"model\":\"public\"}")
                            .body())
                    .contains("\"code\":\"invalid_model\"");
        }
        client.write("GET /v1/chat/completions?model=public HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(a.connections()).isEqualTo(1);
    }

    @Test
    void refusesASecondModelOfASessionThatOnlySomeServersRead() throws Exception {
        for (String query : new String[] {"model=public&model[]=secret", "model[0]=secret", "model+=secret"}) {
            client.write("GET /v1/realtime?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readResponse(client).body()).contains("\"code\":\"invalid_model\"");
            assertThat(a.connections()).isZero();
        }
    }

    @Test
    void aPathThatNamesAModelForAnotherApiMayNameAnyModel() throws Exception {
        for (String path : new String[] {
            "/v1/engines/secret/completions",
            "/v1beta/models/secret:generateContent",
            "/v1/publishers/google/models/secret:predict",
            "/model/secret/invoke",
            "/Deployments/secret/chat/completions"
        }) {
            assertThat(sendAvoidingA(path, "", "{\"model\":\"public\"}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesAModelAtAKeyThatEndsEarlyForSomeParsers() throws Exception {
        for (String body : new String[] {
            "{\"model\\u0000\":\"secret\",\"model\":\"public\"}", "{\"model\":\"public\",\"model\\u0000a\":\"secret\"}"
        }) {
            assertThat(sendAvoidingA("/v1/chat/completions", "", body).body()).contains("\"code\":\"duplicate_key\"");
        }
    }

    @Test
    void aNameInThePathMayNeedEscapes() throws Exception {
        String path = "/openai/deployments/google%2Fgemini/embeddings?api-version=1";
        assertThat(sendAvoidingA(path, "", "{}").status()).isEqualTo(200);
    }

    @Test
    void refusesAPathInWhichOnlySomeServersFindADeployment() throws Exception {
        TestBackend open = backend(OK);
        RawConnection sender = client(balancer(Setup.NONE
                .backend("a", open)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [{when: {model: secret*}, only: {backends: [b]}}]}")));
        String body = "{\"model\":\"public\"}";
        for (String path : new String[] {
            "/openai//deployments/secret/chat/completions",
            "/./openai/deployments/secret/chat/completions",
            "/openai%2Fdeployments/secret/chat/completions",
            "/openai;a/deployments/secret/chat/completions",
            "/OpenAI/deployments/secret/chat/completions"
        }) {
            sender.write(
                    "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

            assertThat(Message.readResponse(sender).body()).contains("\"code\":\"ambiguous_path\"");
            assertThat(open.connections()).isZero();
        }
    }

    @Test
    void forwardsAPathAsItCameIfNoRuleLooksAtIt() throws Exception {
        TestBackend echo = backend(peer -> {
            while (true) {
                String target = Message.readRequest(peer).target();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
        RawConnection sender = client(balancer(Setup.NONE
                .backend("a", echo)
                .withLines("routing: {rules: [{when: {header: {x-a: b}}, only: {backends: [a]}}]}")));
        for (String path : new String[] {
            "/v1/chat%2Fcompletions",
            "/v1/chat;a/completions",
            "/v1//chat/completions",
            "/x/../v1/%00",
            "/V1/chat/completions/"
        }) {
            sender.write("GET " + path + "?a=b HTTP/1.1\r\nHost: h\r\n\r\n");

            assertThat(Message.readResponse(sender).body()).isEqualTo(path + "?a=b");
        }
    }

    @Test
    void sendsABodyThatWasReadAsJsonAsJson() throws Exception {
        TestBackend echo = backend(peer -> {
            while (true) {
                String type = Message.readRequest(peer).header("content-type");
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + type.length() + "\r\n\r\n" + type);
            }
        });
        RawConnection sender = client(balancer(Setup.NONE
                .backend("a", echo)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [{when: {model: secret*}, only: {backends: [b]}}]}")));
        String body = "{\"model\":\"public\",\"input\":\"&model=secret&\"}";
        for (String type : new String[] {"", "Content-Type: application/x-www-form-urlencoded\r\n"}) {
            sender.write("POST /v1/embeddings HTTP/1.1\r\nHost: h\r\n" + type + "Content-Length: " + body.length()
                    + "\r\n\r\n" + body);
            assertThat(Message.readResponse(sender).body()).isEqualTo("application/json");
        }
    }

    @Test
    void refusesAnUnreadModelIfRulesSendOtherModelsElsewhere() throws Exception {
        TestBackend open = backend(OK);
        RawConnection sender = client(balancer(Setup.NONE
                .backend("a", open)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [{when: {model: public*}, only: {backends: [a]}},"
                        + " {when: {model: secret*}, only: {backends: [b]}}]}")));
        String body = "/**/" + SECRET;
        sender.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);

        Message response = Message.readResponse(sender);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"unreadable_model\"");
        assertThat(open.connections()).isZero();
    }
}
