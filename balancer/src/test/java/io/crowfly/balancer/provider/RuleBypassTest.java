package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No form of a request bypasses a rule. The rules reserve the model {@code secret} and embeddings for {@code b}. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class RuleBypassTest extends Testbed {

    private static final String SECRET = "{\"model\":\"secret\"}";

    private TestBackend a = null;
    private RawConnection client = null;

    @BeforeEach
    void start() throws Exception {
        a = backend(OK);
        client = client(balancer(Setup.NONE
                .backend("a", a)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [{when: {model: secret*}, only: {backends: [b]}},"
                        + " {when: {path: /v1/embeddings}, only: {backends: [b]}}]}")));
    }

    /** Sends a request and checks that {@code a} has received nothing. */
    private Message sendAvoidingA(String path, String type, String body) throws Exception {
        client.write("POST " + path + " HTTP/1.1\r\nHost: h\r\n" + type + "Content-Length: " + body.length()
                + "\r\n\r\n" + body);
        Message response = Message.readResponse(client);
        assertThat(a.connections()).as("%s %s", path, response.body()).isZero();
        return response;
    }

    @Test
    void aModelInThePathDoesNotHideAnotherInAnUnreadBody() throws Exception {
        String path = "/openai/deployments/public/chat/completions?api-version=1";
        for (String type : new String[] {"Content-Type: text/plain\r\n", "Content-Encoding: gzip\r\n"}) {
            assertThat(sendAvoidingA(path, type, SECRET).status()).isEqualTo(400);
        }
    }

    @Test
    void aBodyThatIsWronglyDeclaredAFormMayHaveAnyModel() throws Exception {
        sendAvoidingA("/v1/chat/completions", "Content-Type: multipart/form-data; boundary=x\r\n", SECRET);
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
    void refusesAnAmbiguousPath() throws Exception {
        for (String path :
                new String[] {"//v1/embeddings", "/v1//embeddings", "/v1%2Fembeddings", "/x/../v1/embeddings"}) {
            assertThat(sendAvoidingA(path, "", "{\"model\":\"m\"}").status())
                    .as(path)
                    .isEqualTo(404);
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
