package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RuleTestbed;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No form hides a model from a rule. The rule reserves the model {@code secret} for {@code b}. {@code FormScannerTest}
 * has the forms that are refused; these tests show what becomes of their requests.
 */
class AmbiguousFormTest extends RuleTestbed {

    private static final String PATH = "/v1/audio/transcriptions";
    private static final String TYPE = "multipart/form-data; boundary=x";
    private static final String PUBLIC = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\npublic\r\n";
    private static final String END = "--x--\r\n";

    @BeforeEach
    void start() throws Exception {
        startWithRules(SECRET_MODELS);
    }

    private void assertRefused(String type, String body) throws Exception {
        Message response = post(PATH, "Content-Type: " + type + "\r\n", body);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"ambiguous_form\"");
        assertThat(a.connections()).isZero();
    }

    @Test
    void refusesASecondModelThatOnlySomeServersFind() throws Exception {
        for (String head : new String[] {
            "Content-Disposition: form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"",
            "Content-Disposition: form-data; name=\"x\"; name=\"model\"",
            "Content-Disposition: attachment; name=\"model\"",
            "Content-Disposition: form-data; name=\"x\"; name*=utf-8''model",
            "Content-Disposition: form-data; name=\"model\"; filename=\"\"",
            "Content-Disposition: form-data;\r\n\tname=\"model\"",
        }) {
            String hidden = "--x\r\n" + head + "\r\n\r\nsecret\r\n";
            assertRefused(TYPE, hidden + PUBLIC + END);
            assertRefused(TYPE, PUBLIC + hidden + END);
        }
    }

    @Test
    void refusesAFormWithTwoBoundaries() throws Exception {
        for (String type : new String[] {
            "multipart/form-data; boundary=y; boundary=x",
            "multipart/form-data; boundary=x; boundary=y",
            "multipart/form-data; a=\"; boundary=y\"; boundary=x",
            "multipart/mixed; boundary=x",
            "text/plain, multipart/form-data; boundary=x",
            "application/json; a=\"multipart/form-data; boundary=x\"",
            "multipart/form-data; boundary=x\r\nContent-Type: multipart/form-data; boundary=y"
        }) {
            assertRefused(type, PUBLIC + END);
        }
    }

    @Test
    void refusesAFormThatSomeServersReadBeyondItsEnds() throws Exception {
        String secret = PUBLIC.replace("public", "secret");
        assertRefused(TYPE, "preamble\r\n" + PUBLIC + END);
        assertRefused(TYPE, PUBLIC + END + secret + END);
        assertRefused(TYPE, PUBLIC);
        assertRefused(TYPE, PUBLIC.replace("public\r\n", "public\n") + secret + END);
        String part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nin a line ";
        assertRefused(TYPE, part + secret + PUBLIC + END);
        assertRefused(TYPE, part + "-" + secret + END);
    }

    @Test
    void refusesAPartThatComesAfterTheRouteIsChosen() throws Exception {
        client.write("POST " + PATH + " HTTP/1.1\r\nHost: h\r\nContent-Type: " + TYPE
                + "\r\nTransfer-Encoding: chunked\r\n\r\n");
        String part = PUBLIC + "--x\r\n";
        client.write(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
        a.connection(0);
        String hidden = "Content-Disposition: attachment; name=\"model\"\r\n\r\nsecret\r\n" + END;
        client.write(Integer.toHexString(hidden.length()) + "\r\n" + hidden + "\r\n0\r\n\r\n");

        Message response = Message.readResponse(client);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"ambiguous_form\"");
    }

    @Test
    void refusesAFormThatEndsWithoutItsLastDelimiterAfterTheRouteIsChosen() throws Exception {
        client.write("POST " + PATH + " HTTP/1.1\r\nHost: h\r\nContent-Type: " + TYPE
                + "\r\nTransfer-Encoding: chunked\r\n\r\n");
        String part = PUBLIC + "--x\r\n";
        client.write(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
        a.connection(0);
        client.write("0\r\n\r\n");

        assertThat(Message.readResponse(client).body()).contains("\"code\":\"ambiguous_form\"");
    }

    @Test
    void refusesTextAfterAWholeFormWithoutAModel() throws Exception {
        String form = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n" + END;
        client.write("POST /v1/images/variations HTTP/1.1\r\nHost: h\r\nContent-Type: " + TYPE
                + "\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(form.length()) + "\r\n" + form
                + "\r\n");
        a.connection(0);
        client.write("3\r\n--x\r\n0\r\n\r\n");

        assertThat(Message.readResponse(client).body()).contains("\"code\":\"ambiguous_form\"");
    }

    @Test
    void forwardsAnyFormAsItCameIfModelsDecideNothing() throws Exception {
        TestBackend echo = backend(peer -> {
            while (true) {
                String text = Message.readRequest(peer).body();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
            }
        });
        client = client(balancer(Setup.NONE.backend("a", echo).backend("b", backend(OK))));
        String form =
                "preamble\r\n--x \r\nContent-Disposition: attachment; name=\"model\"\r\n\r\nsecret\r\n" + END + "x";
        assertThat(post(PATH, "Content-Type: " + TYPE + "\r\n", form).body()).isEqualTo(form);
    }
}
