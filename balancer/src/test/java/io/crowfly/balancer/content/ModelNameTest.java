package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of model names that no conf can list. The backend lists the model {@code m}. */
class ModelNameTest extends Testbed {

    private static final String CHAT = "/v1/chat/completions";
    private static final String DEPLOYMENT = "/openai/deployments/m/chat/completions?api-version=1";
    private static final String FORM = "Content-Type: multipart/form-data; boundary=x\r\n";

    private TestBackend backend = null;
    private RawConnection client = null;

    @BeforeEach
    void start() throws Exception {
        backend = backend(OK);
        client = client(balancer(Setup.NONE.backend("a", backend, "provider: openai, models: {m: m}")));
    }

    private Message responseTo(String path, String type, String body) throws Exception {
        return responseTo(client, path, type, body);
    }

    private static Message responseTo(RawConnection client, String path, String type, String body) throws Exception {
        client.write("POST " + path + " HTTP/1.1\r\nHost: h\r\n" + type + "Content-Length: " + body.length()
                + "\r\n\r\n" + body);
        return Message.readResponse(client);
    }

    private static String form(String model) {
        return "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model + "\r\n--x--\r\n";
    }

    private void assertUnknown(String path, String type, String body) throws Exception {
        Message response = responseTo(path, type, body);

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).contains("\"code\":\"model_not_found\"");
        assertThat(backend.connections()).isZero();
    }

    @Test
    void aNameThatNoConfCanListIsUnknown() throws Exception {
        for (int length : new int[] {256, 257, 20_000}) {
            String name = "x".repeat(length);
            assertUnknown(CHAT, "", "{\"model\":\"" + name + "\"}");
            assertUnknown(CHAT, "", "{\"stream\":true,\"model\":\"" + name + "\",\"input\":\"x\"}");
            assertUnknown("/v1/audio/transcriptions", FORM, form(name));
            assertUnknown(DEPLOYMENT.replace("/m/", '/' + name + '/'), "", "{}");
        }
    }

    @Test
    void aModelThatIsNotATextIsInvalidWhereverItIsNamed() throws Exception {
        for (String value : new String[] {"null", "1", "true", "[\"m\"]", "{\"model\":\"m\"}"}) {
            for (String path : new String[] {CHAT, DEPLOYMENT}) {
                Message response = responseTo(path, "", "{\"model\":" + value + "}");

                assertThat(response.status()).as(path).isEqualTo(400);
                assertThat(response.body()).contains("\"code\":\"invalid_model\"");
            }
            assertThat(backend.connections()).isZero();
        }
    }

    @Test
    void aModelThatIsNotATextIsInvalidBesideAModelInThePathAlsoWithoutLists() throws Exception {
        TestBackend open = backend(OK);
        RawConnection sender = client(balancer(Setup.NONE.backend("a", open)));
        assertThat(responseTo(sender, DEPLOYMENT, "", "{\"model\":null}").status())
                .isEqualTo(400);
        assertThat(responseTo(sender, DEPLOYMENT, "", "{\"messages\":[],\"model\":7}")
                        .status())
                .isEqualTo(400);
        assertThat(open.connections()).isZero();
        assertThat(responseTo(sender, CHAT, "", "{\"model\":null}").status()).isEqualTo(200);
    }

    @Test
    void aNameThatIsNotUnicodeTextIsInvalid() throws Exception {
        for (String name : new String[] {"\\ud800", "a\\u0000", "\\ud83dm"}) {
            assertThat(responseTo(CHAT, "", "{\"model\":\"" + name + "\"}").body())
                    .contains("\"code\":\"invalid_model\"");
            assertThat(backend.connections()).isZero();
        }
    }
}
