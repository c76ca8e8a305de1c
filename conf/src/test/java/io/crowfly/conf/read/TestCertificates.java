package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Self-signed certificates, made once per run by the JDK's keytool. None is checked in, so none expires. */
final class TestCertificates {

    record Pem(String cert, String key) {

        Pem writeTo(Path directory) throws IOException {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("edge.crt"), cert);
            Files.writeString(directory.resolve("edge.key"), key);
            return this;
        }
    }

    static final Pem EC = make("EC", "-groupname", "secp256r1");
    static final Pem RSA = make("RSA", "-keysize", "2048");

    private TestCertificates() {}

    /** @param options of keytool, for the size of the key for example */
    static Pem make(String algorithm, String... options) {
        try {
            Path directory = Files.createTempDirectory("crowfly-certificates");
            Path store = directory.resolve("store.p12");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "edge",
                    "-dname",
                    "CN=edge.example",
                    "-keyalg",
                    algorithm,
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    "not-secret",
                    "-keystore",
                    store.toString()));
            command.addAll(List.of(options));
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes());
            assertThat(keytool.waitFor()).as(output).isZero();
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, "not-secret".toCharArray());
            }
            Files.delete(store);
            Files.delete(directory);
            return new Pem(
                    pem("CERTIFICATE", keys.getCertificate("edge").getEncoded()),
                    pem(
                            "PRIVATE KEY",
                            keys.getKey("edge", "not-secret".toCharArray()).getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String type, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
