package io.crowfly.balancer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Training run of the launcher: executes everything that a start executes, so that the JVM can write its start-up
 * cache.
 *
 * <p>The run covers the command line, TLS on both sides, the admin pages, a reload and some hundred requests over
 * loopback. Apart from the balancer it uses only the JDK (keytool, its HTTP server and client), because the installed
 * archive contains no test libraries. A failed run is harmless: the launcher then starts without a cache.
 */
final class StartupTraining {

    private static final int REQUESTS = 200;

    /**
     * Password of a key store that exists only for some seconds, in a private folder. So the password need not be
     * secret.
     */
    private static final String STORE_PASSWORD = "training";

    private static final String KEY_ALIAS = "edge";

    private static final byte[] RESPONSE = "{\"object\":\"list\",\"data\":[]}".getBytes(StandardCharsets.UTF_8);

    private StartupTraining() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("crowfly-training");
        try {
            train(folder);
        } finally {
            for (String name : List.of("edge.p12", "edge.crt", "edge.key", "crowfly.yaml")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        }
    }

    private static void train(Path folder) throws Exception {
        KeyStore store = selfSignedKey(folder.resolve("edge.p12"));
        Path certificate = pem(
                folder.resolve("edge.crt"),
                "CERTIFICATE",
                store.getCertificate(KEY_ALIAS).getEncoded());
        Path key = pem(
                folder.resolve("edge.key"),
                "PRIVATE KEY",
                store.getKey(KEY_ALIAS, STORE_PASSWORD.toCharArray()).getEncoded());
        SSLContext tls = tlsContext(store);
        HttpsServer backend = backend(tls);
        try {
            Path conf = Files.writeString(folder.resolve("crowfly.yaml"), """
                    region: training
                    listeners:
                      - {name: plain, bind: "127.0.0.1:0"}
                      - {name: tls, bind: "127.0.0.1:0", tls: {certificates: [{cert: "%s", key: "%s"}]}}
                    admin: {bind: "127.0.0.1:0"}
                    backends:
                      - {name: one, provider: openai, url: "https://127.0.0.1:%d", tls: {ca: "%s"}, models: {gpt-4o: gpt-4o}}
                    """.formatted(
                            certificate, key, backend.getAddress().getPort(), certificate));
            Main.commandLine().execute("check", conf.toString());
            try (Balancer balancer = Balancer.start(conf)) {
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(tls)
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                for (int i = 0; i < REQUESTS; i++) {
                    sendChat(client, "https://127.0.0.1:" + balancer.port("tls"));
                    sendChat(client, "http://127.0.0.1:" + balancer.port("plain"));
                }
                for (String page : List.of("backends", "metrics", "conf", "decisions", "readyz")) {
                    URI uri = URI.create("http://127.0.0.1:" + balancer.adminPort() + "/" + page);
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
                }
                balancer.reload();
            }
        } finally {
            backend.stop(0);
        }
    }

    private static void sendChat(HttpClient client, String base) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"messages\":[]}"))
                .build();
        client.send(request, BodyHandlers.discarding());
    }

    private static HttpsServer backend(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", StartupTraining::respond);
        // Without threads of its own, the server would wait for the request on a connection that was opened ahead, and
        // not read from the others.
        server.setExecutor(task -> {
            Thread thread = new Thread(task, "training-backend");
            thread.setDaemon(true);
            thread.start();
        });
        server.start();
        return server;
    }

    private static void respond(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, RESPONSE.length);
            exchange.getResponseBody().write(RESPONSE);
        }
    }

    /**
     * Creates a key and a self-signed certificate with keytool, because the JDK has no public API that signs a
     * certificate.
     */
    private static KeyStore selfSignedKey(Path file)
            throws IOException, InterruptedException, GeneralSecurityException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        KEY_ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "20",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        STORE_PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed with exit code " + keytool.exitValue());
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, STORE_PASSWORD.toCharArray());
        }
        return store;
    }

    private static SSLContext tlsContext(KeyStore store) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(KEY_ALIAS, store.getCertificate(KEY_ALIAS));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, STORE_PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static Path pem(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
    }
}
