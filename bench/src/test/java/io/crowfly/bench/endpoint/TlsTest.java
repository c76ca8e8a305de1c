package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.tls.PrivateAuthority;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

    @Test
    void aClientThatTrustsTheAuthorityIsServed(@TempDir Path directory) throws Exception {
        PrivateAuthority authority = PrivateAuthority.create(directory);
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(
                EndpointSpec.of(EndpointDialect.azure("k")).withTls(authority.issueForLoopback()))) {
            assertThat(azure.url()).startsWith("https://");
            EndpointClient caller = new EndpointClient(trusting(authority.certificate()), azure, "api-key", "k");
            assertThat(EndpointClient.events(
                            caller.post(EndpointClient.AZURE_CHAT, EndpointClient.streamedChatBody("gpt-4o"))))
                    .last()
                    .isEqualTo("[DONE]");
        }
    }

    @Test
    void aClientThatDoesNotTrustTheAuthorityIsNotServed(@TempDir Path directory) throws Exception {
        PrivateAuthority authority = PrivateAuthority.create(directory);
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(
                EndpointSpec.of(EndpointDialect.azure("k")).withTls(authority.issueForLoopback()))) {
            assertThatThrownBy(() -> new EndpointClient(azure).get("/health"))
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aCertificateForAnotherHostIsRefused(@TempDir Path directory) throws Exception {
        PrivateAuthority authority = PrivateAuthority.create(directory);
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(
                EndpointSpec.of(EndpointDialect.azure("k")).withTls(authority.issue("other", "other.example")))) {
            EndpointClient caller = new EndpointClient(trusting(authority.certificate()), azure);
            assertThatThrownBy(() -> caller.get("/health")).isInstanceOf(SSLHandshakeException.class);
        }
    }

    private static HttpClient trusting(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
