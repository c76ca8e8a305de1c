package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSecretScannerTest {

    private static final int[] SIZES = {1, 2, 3, 7, Integer.MAX_VALUE};

    private static void assertFound(String response, String... secrets) {
        for (int size : SIZES) {
            List<String> found = new ArrayList<>();
            Chunks.feed(Chunks.utf8(response), new int[] {size}, new ClientSecretScanner(found::add)::scan);
            assertThat(found).as("chunks of %d", size).containsExactly(secrets);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"value\":\"ek_1\",\"expires_at\":1756310470,\"session\":{\"type\":\"realtime\",\"id\":\"sess_1\"}}",
                "{\"session\" : {\"value\" : \"ek_2\"} , \"value\" : \"e\\u006b_1\"}",
                "{\"id\":\"sess_1\",\"client_secret\":{\"expires_at\":1,\"value\":\"ek_1\"},\"tools\":[{\"value\":\"ek_2\"}]}"
            })
    void findsTheIssuedSecret(String response) {
        assertFound(response, "ek_1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "[{\"value\":\"ek_1\"}]",
                "{\"value\":\"sk-1\"}",
                "{\"value\":\"ek_ 1\"}",
                "{\"value\":null,\"x\":\"ek_1\"}",
                "{\"value\":[\"ek_1\"]}",
                "{\"value\":{\"value\":\"ek_1\"}}",
                "{\"client_secret\":\"ek_1\"}",
                "{\"client_secret\":[{\"value\":\"ek_1\"}]}",
                "{\"client_secret\":{\"x\":{\"value\":\"ek_1\"}}}",
                "{\"client_secret\":{},\"x\":{\"value\":\"ek_1\"}}",
                "{\"session\":{\"value\":\"ek_1\",\"client_secret\":{\"value\":\"ek_2\"}}}"
            })
    void findsNothingElse(String response) {
        assertFound(response);
    }

    @Test
    void acceptsSecretsUpToTheMaximumLength() {
        String longest = "ek_" + "x".repeat(ClientSecretScanner.MAX_SECRET_BYTES - 3);

        assertFound("{\"value\":\"" + longest + "\"}", longest);
        assertFound("{\"value\":\"" + longest + "x\"}");
    }
}
