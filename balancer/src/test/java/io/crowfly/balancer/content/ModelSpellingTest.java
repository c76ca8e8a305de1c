package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RuleTestbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Names of models in a case, or with spaces, that only some servers ignore. The rules reserve the models {@code
 * secret*} for {@code b}, except {@code Secret-Santa}.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class ModelSpellingTest extends RuleTestbed {

    private static final List<String> SPELLINGS = List.of(
            "Secret",
            "SECRET-2",
            "secreT",
            " secret",
            "\\u00a0secret",
            "\\u2003secret",
            "\\ufeffsecret",
            "\\u017fecret",
            "SECRET-Santa");

    @BeforeEach
    void start() throws Exception {
        startWithRules("{when: {model: Secret-Santa}, only: {backends: [a]}}", SECRET_MODELS);
    }

    private Message chat(String model) throws Exception {
        return post("/v1/chat/completions", "", "{\"model\":\"" + model + "\"}");
    }

    private void assertUnknown(Message response) {
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).contains("\"code\":\"model_not_found\"");
        assertThat(a.connections()).isZero();
    }

    @Test
    void aSpellingThatOnlySomeServersAcceptIsUnknown() throws Exception {
        for (String spelling : SPELLINGS) {
            assertUnknown(chat(spelling));
        }
    }

    @Test
    void thisHoldsForFormsPathsAndSessionsToo() throws Exception {
        assertUnknown(post(
                "/v1/audio/transcriptions",
                "Content-Type: multipart/form-data; boundary=x\r\n",
                "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nSECRET\r\n--x--\r\n"));
        assertUnknown(post("/openai/deployments/Secret/chat/completions?api-version=1", "", "{}"));
        client.write("GET /v1/realtime?model=+secret HTTP/1.1\r\nHost: h\r\n\r\n");
        assertUnknown(Message.readResponse(client));
    }

    @Test
    void theSpellingOfARuleAndOtherModelsAreServed() throws Exception {
        assertThat(chat("secret-2").status()).isEqualTo(200);
        assertThat(chat("secret ").status()).isEqualTo(200);
        assertThat(a.connections()).isZero();
        assertThat(chat("Secret-Santa").status()).isEqualTo(200);
        assertThat(chat("meta-llama/Llama-3.3-70B-Instruct").status()).isEqualTo(200);
        assertThat(a.connections()).isEqualTo(1);
    }
}
