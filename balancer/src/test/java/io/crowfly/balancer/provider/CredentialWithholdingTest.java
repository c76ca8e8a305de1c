package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.balancer.testbed.Testbed;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Credentials that clients send, in headers and queries of any form, and what backends receive of them. */
class CredentialWithholdingTest extends Testbed {

    private static final String CHAT = "/v1/chat/completions";

    /** Value of each credential that a test's client sends. */
    private static final String SECRET = "a-clients-secret";

    private static final String[] CREDENTIAL_HEADERS = {
        "apikey",
        "x-authorization",
        "x-litellm-api-key",
        "openai-api-key",
        "authentication",
        "Authorization",
        "API_KEY",
        "X-Amz-Security-Token",
        "X-Forwarded-Access-Token",
        "X-MS-TOKEN-AAD-ID-TOKEN",
        "cf-access-jwt-assertion",
        "x-stainless-api-key",
        "X-Client-Secret",
        "Cookie",
        "x-user-password"
    };

    private static final String[] CREDENTIAL_QUERIES = {
        "api_key=S&token=S&limit=2", "limit=2;api-key=S", "API-Key=S&limit=2&%61pi%2Dkey=S&%74o%256ben=S"
    };

    private static final String PASSING = ", headers: {pass: [alt, 'x-*', team_key, x-litellm-api-key, cookie]}";
    private static final String PASSTHROUGH = ", credential: {passthrough: true}";
    private static final String AZURE = "provider: azure";
    private static final String VERTEX = "provider: google, project: p, location: europe-west4";
    private static final String GEMINI = "provider: google, api: gemini";

    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();

    /** Returns a client of a balancer with these backends, which a request selects by their number. */
    private RawConnection clientOf(String... backends) throws Exception {
        TestBackend server = backend(peer -> {
            while (true) {
                requests.add(Message.readRequest(peer));
                peer.write(OK);
            }
        });
        Setup setup = Setup.NONE;
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < backends.length; i++) {
            setup = setup.backend("b" + i, server, backends[i]);
            rules.append("{when: {header: {x-select: b").append(i).append("}}, only: {backends: [b");
            rules.append(i).append("]}}, ");
        }
        return client(balancer(setup.withLines("routing: {rules: [" + rules + "]}")));
    }

    private Message forwarded(RawConnection client, int backend, String target, String... fields) throws Exception {
        client.write((target.startsWith(CHAT) ? "POST " : "GET ") + target
                + " HTTP/1.1\r\nHost: api.test\r\nContent-Length: 0\r\nx-select: b" + backend + "\r\n"
                + String.join("\r\n", fields) + (fields.length == 0 ? "\r\n" : "\r\n\r\n"));
        assertThat(Message.readResponse(client).status()).as(target).isEqualTo(200);
        Message arrived = requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
        assertThat(arrived).isNotNull();
        return arrived;
    }

    private static String query(Message request) {
        int mark = request.target().indexOf('?');
        return mark < 0 ? "" : request.target().substring(mark + 1);
    }

    @Test
    void noBackendReceivesAClientsCredential() throws Exception {
        RawConnection client = clientOf(
                "provider: openai, credential: {bearer: ours}",
                AZURE + ", credential: {api-key: ours}",
                GEMINI + ", credential: {bearer: ours}",
                VERTEX + ", credential: {bearer: ours}");
        String[] fields = new String[CREDENTIAL_HEADERS.length];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = CREDENTIAL_HEADERS[i] + ": " + SECRET;
        }
        for (int backend = 0; backend < 4; backend++) {
            assertThat(forwarded(client, backend, CHAT, fields).fields())
                    .noneMatch(line -> line.contains(SECRET))
                    .anyMatch(line -> line.contains("ours"));
        }
        for (String credentials : CREDENTIAL_QUERIES) {
            String sent = credentials.replace("=S", '=' + SECRET);
            for (int backend = 0; backend < 3; backend++) {
                assertThat(query(forwarded(client, backend, "/v1/batches?" + sent)))
                        .isEqualTo("limit=2");
            }
            assertThat(query(forwarded(client, 3, CHAT + '?' + sent))).isEmpty();
        }
        assertThat(forwarded(client, 0, "/metrics?api-key=" + SECRET + "&a=1").target())
                .isEqualTo("/metrics?a=1");
        assertThat(forwarded(client, 0, "/openai/metrics?a=1;token=" + SECRET).target())
                .isEqualTo("/openai/metrics?a=1");
    }

    @Test
    void theConfPassesHeadersAndParametersByTheirNames() throws Exception {
        RawConnection client =
                clientOf("provider: openai" + PASSING, AZURE + PASSING, GEMINI + PASSING, VERTEX + PASSING);
        String query = "?alt=sse&x-a=1&x-token=" + SECRET + "&team_key=2&token=" + SECRET + "&team_key[]=3";
        for (int backend = 0; backend < 4; backend++) {
            Message request = forwarded(
                    client, backend, CHAT + query, "x-litellm-api-key: a", "Cookie: b=c", "x-api-token: " + SECRET);
            assertThat(query(request)).isEqualTo("alt=sse&x-a=1&team_key=2&team_key[]=3");
            assertThat(request.header("x-litellm-api-key")).isEqualTo("a");
            assertThat(request.header("cookie")).isEqualTo("b=c");
            assertThat(request.fields()).noneMatch(line -> line.contains(SECRET));
        }
    }

    @Test
    void withPassthroughABackendReceivesTheClientsCredentialAndACloudNoOther() throws Exception {
        RawConnection client = clientOf("provider: openai" + PASSTHROUGH, AZURE + PASSTHROUGH, GEMINI + PASSTHROUGH);
        String target = "/v1/batches?token=a&limit=2";
        String[] fields = {"Authorization: Bearer b", "x-litellm-api-key: c", "Cookie: d=e"};

        Message plain = forwarded(client, 0, target, fields);
        assertThat(plain.target()).isEqualTo(target);
        assertThat(plain.fields())
                .contains("Authorization: Bearer b", "x-litellm-api-key: c")
                .contains("Cookie: d=e");

        Message azure = forwarded(client, 1, target, fields);
        assertThat(query(azure)).isEqualTo("limit=2");
        assertThat(azure.header("api-key")).isEqualTo("b");
        assertThat(azure.fields()).noneMatch(line -> line.matches("(?i)(authorization|x-litellm|cookie).*"));

        Message gemini = forwarded(client, 2, target, "x-goog-api-key: c", "x-goog-user-project: p");
        assertThat(gemini.header("authorization")).isEqualTo("Bearer c");
        assertThat(gemini.header("x-goog-user-project")).isEqualTo("p");
    }

    @Test
    void aSemicolonHidesNoModelOfASession() throws Exception {
        RawConnection client = client(balancer(Setup.NONE.backend(
                "a", backend(peer -> {}), "provider: azure, models: [m], credential: {api-key: k}")));
        for (String query : List.of("x=1;model=other", "x=1;deployment=other&call_id=2")) {
            client.write("GET /v1/realtime?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readResponse(client).status()).isEqualTo(404);
        }
    }

    @Test
    void aTrailerCarriesNoCredential() throws Exception {
        RawConnection client = clientOf("provider: openai");
        client.write("POST " + CHAT + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
                + "x-litellm-api-key: " + SECRET + "\r\nX_AUTH: " + SECRET + "\r\nx-digest: 17\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(requests.take().trailers()).containsExactly("x-digest: 17");
    }
}
