package io.crowfly.bench.peers;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Certificate for 127.0.0.1 and {@code localhost} with its key and its authority, created for one run, so that the
 * repository contains no key. Every proxy and backend of a scenario has the same ones.
 */
record TlsFiles(String certificate, String key, String authority) {

    private static final Duration VALIDITY = Duration.ofDays(1);

    /** @param rsa whether the key is an RSA key of 2048 bits instead of a P-256 one */
    static TlsFiles create(boolean rsa) {
        try {
            X509Bundle root = builder("CN=Crowfly bench peers", false)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            X509Bundle issued = builder("CN=localhost", rsa)
                    .addExtendedKeyUsageServerAuth()
                    .addSanDnsName("localhost")
                    .addSanIpAddress("127.0.0.1")
                    .buildIssuedBy(root);
            return new TlsFiles(issued.getCertificatePathPEM(), issued.getPrivateKeyPEM(), root.getCertificatePEM());
        } catch (Exception e) {
            throw new IllegalStateException("the JDK can't create a certificate", e);
        }
    }

    private static CertificateBuilder builder(String subject, boolean rsa) {
        Instant now = Instant.now();
        CertificateBuilder builder = new CertificateBuilder();
        return (rsa ? builder.rsa2048() : builder.ecp256())
                .subject(subject)
                .notBefore(now.minus(VALIDITY))
                .notAfter(now.plus(VALIDITY));
    }

    /** Writes {@code edge.crt}, {@code edge.key}, {@code ca.crt}, and {@code edge.pem} with certificate and key. */
    void writeTo(Path folder) throws IOException {
        Files.writeString(folder.resolve("edge.crt"), certificate);
        Files.writeString(folder.resolve("edge.key"), key);
        Files.writeString(folder.resolve("edge.pem"), certificate + key);
        Files.writeString(folder.resolve("ca.crt"), authority);
    }
}
