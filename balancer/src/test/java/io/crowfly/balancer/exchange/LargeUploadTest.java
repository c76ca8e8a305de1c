package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Limits of bodies that are read, and of forms with a file, which pass to the backend while they arrive. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class LargeUploadTest extends Testbed {

    private static final long MIB = 1 << 20;
    private static final String FORM = "Content-Type: multipart/form-data; boundary=x\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";

    private static final String PART = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    private static final String END = "\r\n--x--\r\n";

    /** Responds with the number of bytes of the body and their checksum. */
    private static final ConnectionScript COUNTING = peer -> {
        while (peer.hasInput()) {
            int length = Integer.parseInt(Message.readHead(peer).header("content-length"));
            CRC32C sum = new CRC32C();
            for (int left = length; left > 0; ) {
                int next = Math.min(left, 64 << 10);
                sum.update(peer.read(next).getBytes(StandardCharsets.ISO_8859_1));
                left -= next;
            }
            String text = length + " " + sum.getValue();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
        }
    };

    private TestBalancer twoBackends(String more) throws Exception {
        return balancer(Setup.NONE
                .backend("a", backend(COUNTING), "provider: openai, models: [m]")
                .backend("b", backend(COUNTING), "provider: openai, models: [m, n]")
                .withLines(more));
    }

    /** Returns the status of the first response to a head, which expects a 100 before the body. */
    private static int statusFor(TestBalancer balancer, String path, String type, long length) throws Exception {
        try (RawConnection client = balancer.client()) {
            client.write("POST " + path + " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" + type + "Content-Length: "
                    + length + "\r\n\r\n");
            return Message.readHead(client).status();
        }
    }

    @Test
    void byDefaultAFileMayHave512MegabytesAndABodyThatIsRead64() throws Exception {
        TestBalancer balancer = twoBackends("");
        for (String path : new String[] {
            "/v1/files",
            "/files/",
            "/v1/uploads/upload_1/parts",
            "/v1/audio/transcriptions",
            "/openai/v1/audio/translations",
            "/v1/containers/c_1/files",
            "/v1/skills"
        }) {
            assertThat(statusFor(balancer, path, FORM, 300 * MIB)).as(path).isEqualTo(100);
            assertThat(statusFor(balancer, path, FORM, 513 * MIB)).as(path).isEqualTo(100);
            assertThat(statusFor(balancer, path, FORM, 513 * MIB + 1)).as(path).isEqualTo(413);
            assertThat(statusFor(balancer, path, JSON, 64 * MIB + 1)).as(path).isEqualTo(413);
        }
        for (String path : new String[] {"/v1/chat/completions", "/v1/images/edits", "/v1/responses", "/v1/filesx"}) {
            assertThat(statusFor(balancer, path, JSON, 64 * MIB)).as(path).isEqualTo(100);
            assertThat(statusFor(balancer, path, JSON, 64 * MIB + 1)).as(path).isEqualTo(413);
        }
        assertThat(statusFor(balancer, "/v1/images/edits", FORM, 64 * MIB + 1)).isEqualTo(413);
    }

    @Test
    void aFileOfAnyAllowedLengthPassesWithoutBeingHeld() throws Exception {
        RawConnection client = client(
                twoBackends("limits: {body-size: 64KiB, held-size: 16KiB, held-total: 64KiB, upload-size: 3MiB}"));
        String file = "0123456789abcdef".repeat(120_000);
        String model = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n";
        for (String form : new String[] {PART + file + END, model + PART + file + END}) {
            CRC32C sum = new CRC32C();
            sum.update(form.getBytes(StandardCharsets.ISO_8859_1));
            String path = form.startsWith(model) ? "/v1/audio/transcriptions" : "/v1/files";
            client.write("POST " + path + " HTTP/1.1\r\nHost: h\r\n" + FORM + "Content-Length: " + form.length()
                    + "\r\n\r\n" + form);
            Message response = Message.readResponse(client);
            assertThat(response.body()).isEqualTo(form.length() + " " + sum.getValue());
        }
    }

    @Test
    void aChunkedFileThatTurnsOutTooLargeIsRefused() throws Exception {
        TestBackend backend = backend(RawConnection::readToEnd);
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", backend).withLines("limits: {body-size: 1KiB, upload-size: 64KiB}")));
        client.write("POST /v1/files HTTP/1.1\r\nHost: h\r\n" + FORM + "Transfer-Encoding: chunked\r\n\r\n"
                + chunk(PART) + chunk("x".repeat(64 << 10)));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.body()).contains("larger than 65536 bytes");
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }
}
