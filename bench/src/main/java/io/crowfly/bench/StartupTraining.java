package io.crowfly.bench;

import io.crowfly.balancer.Balancer;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.Dialect;
import io.crowfly.bench.endpoint.tls.KeyPairFiles;
import io.crowfly.bench.endpoint.tls.PrivateAuthority;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What the launcher runs once to make its start-up cache: everything that starting a balancer touches, TLS on both sides
 * and the command line included, and some hundred requests, for a JVM that keeps profiles too.
 */
final class StartupTraining {

    private static final int REQUESTS = 200;

    private StartupTraining() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("crowfly-training");
        PrivateAuthority authority = PrivateAuthority.create(folder);
        KeyPairFiles pair = authority.issueForLoopback();
        try (SimulatedEndpoint endpoint =
                SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()).withTls(pair))) {
            Path conf = Files.writeString(folder.resolve("crowfly.yaml"), """
                    region: training
                    listeners:
                      - {name: plain, bind: "127.0.0.1:0"}
                      - {name: tls, bind: "127.0.0.1:0", tls: {certificates: [{cert: "%s", key: "%s"}]}}
                    admin: {bind: "127.0.0.1:0"}
                    backends:
                      - {name: one, provider: openai, url: "%s", tls: {ca: "%s"}, models: {gpt-4o: gpt-4o}}
                    """.formatted(
                            pair.certificate(), pair.key(), endpoint.url(), authority.certificate()));
            Main.commandLine().execute("check", conf.toString());
            try (Balancer balancer = Balancer.start(conf)) {
                HttpClient client = client(authority);
                for (int i = 0; i < REQUESTS; i++) {
                    sendChat(client, "https://127.0.0.1:" + balancer.port("tls"));
                    sendChat(client, "http://127.0.0.1:" + balancer.port("plain"));
                }
                for (String page : new String[] {"backends", "metrics", "conf", "decisions", "readyz"}) {
                    URI uri = URI.create("http://127.0.0.1:" + balancer.adminPort() + "/" + page);
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
                }
                balancer.reload();
            }
        }
    }

    private static void sendChat(HttpClient client, String base) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"messages\":[]}"))
                .build();
        client.send(request, BodyHandlers.discarding());
    }

    private static HttpClient client(PrivateAuthority authority) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(authority.certificate())) {
            trusted.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }
}
