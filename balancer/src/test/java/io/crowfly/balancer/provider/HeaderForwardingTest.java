package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Headers and targets that backends of each provider and clients receive. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class HeaderForwardingTest extends Testbed {

    private static final String CHAT = "/v1/chat/completions";

    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();

    private TestBackend recording(String response) throws Exception {
        return backend(peer -> {
            while (true) {
                requests.add(Message.readRequest(peer));
                peer.write(response);
            }
        });
    }

    /** Sends one request through a balancer in front of one backend. */
    private Message forwarded(String request) throws Exception {
        return forwarded("provider: openai", request);
    }

    private Message forwarded(String provider, String request) throws Exception {
        RawConnection client = client(balancer(Setup.NONE.backend("a", recording(OK), provider)));
        client.write(request);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        Message arrived = requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
        assertThat(arrived).isNotNull();
        return arrived;
    }

    private static String get(String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: api.test\r\n" + lines(fields) + "\r\n";
    }

    private static String lines(String... fields) {
        return fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    }

    @Test
    void removesConnectionHeadersFromARequest() throws Exception {
        Message request = forwarded(get(
                "/v1/models",
                "Connection: keep-alive, X-Hop",
                "Connection: X-Other",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "Proxy-Authorization: Basic c2VjcmV0",
                "Upgrade: h2c",
                "TE: trailers, deflate",
                "X-Hop: 1",
                "X-Other: 2",
                "X-End: 3"));
        assertThat(request.fields())
                .noneMatch(line -> line.matches("(?i)(connection|keep-alive|proxy-|upgrade|x-hop|x-other).*"));
        assertThat(request.header("te")).isEqualTo("trailers");
        assertThat(request.header("x-end")).isEqualTo("3");
    }

    @Test
    void removesConnectionHeadersFromAResponse() throws Exception {
        RawConnection client = client(
                balancer(
                        recording(
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Hop\r\n"
                                        + "Keep-Alive: timeout=5\r\nX-Hop: 1\r\nX-End: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok")));
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.fields()).noneMatch(line -> line.matches("(?i)(connection|keep-alive|x-hop).*"));
        assertThat(response.header("x-end")).isEqualTo("2");
        assertThat(response.fields()).contains("Set-Cookie: a=1", "Set-Cookie: b=2");
    }

    @Test
    void aConnectionHeaderCannotRemoveTheContentLength() throws Exception {
        Message request = forwarded("POST " + CHAT + " HTTP/1.1\r\nHost: api.test\r\nConnection: content-length\r\n"
                + "Content-Length: 5\r\n\r\nhello");
        assertThat(request.body()).isEqualTo("hello");
    }

    @Test
    void sendsForwardingHeadersToAnOpenAiBackend() throws Exception {
        Message request = forwarded(get("/v1/models"));
        assertThat(request.header("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(request.header("x-forwarded-proto")).isEqualTo("http");
        assertThat(request.header("x-forwarded-host")).isEqualTo("api.test");
        assertThat(request.header("host")).startsWith("127.0.0.1:");
    }

    @Test
    void appendsTheClientToTheWholeForwardedChain() throws Exception {
        Message request =
                forwarded(get("/v1/models", "X-Forwarded-For: 10.0.0.1, 10.0.0.2", "X-Forwarded-For: 10.0.0.3"));
        assertThat(request.header("x-forwarded-for")).isEqualTo("10.0.0.1, 10.0.0.2, 10.0.0.3, 127.0.0.1");
    }

    @Test
    void keepsARequestIdAndReturnsIt() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write(get("/v1/models", "X-Request-Id: given-17"));
        assertThat(Message.readResponse(client).header("x-request-id")).isEqualTo("given-17");
        assertThat(requests.take().header("x-request-id")).isEqualTo("given-17");
    }

    @Test
    void createsAMissingRequestId() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write(GET);
        String first = Message.readResponse(client).header("x-request-id");
        client.write(GET);
        String second = Message.readResponse(client).header("x-request-id");
        assertThat(first).isNotEmpty().isNotEqualTo(second);
        assertThat(requests.take().header("x-request-id")).isEqualTo(first);
    }

    @Test
    void respondsWithTheClientsRequestIdInsteadOfTheBackends() throws Exception {
        RawConnection client =
                client(balancer(recording("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-request-id: theirs\r\n\r\n")));
        client.write(get("/v1/models", "X-Request-Id: given-18"));
        assertThat(Message.readResponse(client).header("x-request-id")).isEqualTo("given-18");
    }

    @Test
    void passesPathQueryAndCredentialToAnOpenAiBackendUnchanged() throws Exception {
        Message request = forwarded(
                "provider: openai, credential: {passthrough: true}",
                get("/v1/files?after=a%20b&limit=2", "Authorization: Bearer client"));
        assertThat(request.target()).isEqualTo("/v1/files?after=a%20b&limit=2");
        assertThat(request.header("authorization")).isEqualTo("Bearer client");
    }

    @Test
    void withholdsTheClientsCredentialFromABackendWithoutOne() throws Exception {
        Message request = forwarded("provider: openai", get("/v1/models", "Authorization: Bearer client"));
        assertThat(request.has("authorization")).isFalse();
    }

    @Test
    void replacesTheCredentialForAnOpenAiBackendWithOne() throws Exception {
        Message request = forwarded(
                "provider: openai, credential: {bearer: ours}", get("/v1/models", "Authorization: Bearer client"));
        assertThat(request.header("authorization")).isEqualTo("Bearer ours");
    }

    @Test
    void acceptsATargetInAbsoluteForm() throws Exception {
        Message request = forwarded(get("http://other.test:81/v1/models?x=1"));
        assertThat(request.target()).isEqualTo("/v1/models?x=1");
        assertThat(request.header("x-forwarded-host")).isEqualTo("other.test:81");
    }

    @Test
    void sendsAzureItsOwnPathAndKeyAndNothingPrivateOfTheClient() throws Exception {
        Message request = forwarded(
                "provider: azure, credential: {api-key: azure-secret}",
                get(
                        CHAT + "?api-version=preview",
                        "Authorization: Bearer client",
                        "Api-Key: clients",
                        "X-Stainless-Lang: js",
                        "X-Stainless-Retry-Count: 0",
                        "X-Forwarded-For: 10.0.0.1",
                        "Forwarded: for=10.0.0.1",
                        "Cookie: a=b",
                        "Accept: application/json"));
        assertThat(request.target()).isEqualTo("/openai" + CHAT);
        assertThat(request.header("api-key")).isEqualTo("azure-secret");
        assertThat(request.header("accept")).isEqualTo("application/json");
        assertThat(request.fields())
                .noneMatch(line -> line.matches("(?i)(authorization|x-stainless|x-forwarded|forwarded|cookie).*"));
    }

    @Test
    void sendsGoogleTheProjectsPathATokenAndNothingPrivateOfTheClient() throws Exception {
        Message request = forwarded(
                "provider: google, project: contoso, location: europe-west4, credential: {bearer: google-token}",
                get(CHAT, "Authorization: Bearer client", "X-Stainless-Lang: js", "X-Forwarded-Host: h"));
        assertThat(request.target())
                .isEqualTo("/v1/projects/contoso/locations/europe-west4/endpoints/openapi/chat/completions");
        assertThat(request.header("authorization")).isEqualTo("Bearer google-token");
        assertThat(request.fields()).noneMatch(line -> line.matches("(?i)(x-stainless|x-forwarded).*"));
    }

    @Test
    void refusesPathsOutsideTheMappedPartOfACloudsApi() throws Exception {
        TestBackend azure = recording(OK);
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", azure, "provider: azure")
                .backend("b", azure, "provider: google, project: p, location: europe-west4")));
        for (String target : new String[] {
            "/v1/../secret",
            "/v1//secret",
            "/v1/%2e%2e/secret",
            "/v1/.%2E/secret",
            "/v1/x/..",
            "/v1/./models",
            "/v1/%2e%2e%2fsecret",
            "/v1\\..\\secret",
            "/v1/..%5csecret",
            "/v1/..;/secret",
            "/openai/models"
        }) {
            client.write(get(target));
            Message response = Message.readResponse(client);
            assertThat(response.status()).as(target).isEqualTo(404);
            assertThat(response.body()).contains("\"code\":\"unknown_url\"");
        }
        assertThat(azure.connections()).isZero();
    }

    @Test
    void removesAltSvcFromAResponse() throws Exception {
        RawConnection client = client(balancer(
                recording("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAlt-Svc: h3=\":443\"\r\nAlt-Svc: clear\r\n\r\nok")));
        client.write(GET);
        assertThat(Message.readResponse(client).has("alt-svc")).isFalse();
    }
}
