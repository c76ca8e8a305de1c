package io.crowfly.bench.endpoint.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Certificate authority for simulated endpoints with TLS, created at run time so that the repository contains no key.
 * Its files are PEM. All certificates are valid from yesterday for a week.
 */
public final class PrivateAuthority {

    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final Duration VALIDITY = Duration.ofDays(7);

    private final Path directory;
    private final X509Bundle root;

    private PrivateAuthority(Path directory, X509Bundle root) {
        this.directory = directory;
        this.root = root;
    }

    /**
     * Creates an authority and writes its root certificate to this directory. Issued certificates are written there
     * too.
     *
     * @throws IOException if the directory can't be written
     */
    public static PrivateAuthority create(Path directory) throws IOException {
        Files.createDirectories(directory);
        PrivateAuthority authority = new PrivateAuthority(directory, selfSigned());
        Files.writeString(authority.certificate(), authority.root.getCertificatePEM());
        return authority;
    }

    /** Returns the PEM file of the root certificate that clients must trust. */
    public Path certificate() {
        return directory.resolve("ca.crt");
    }

    /**
     * Issues a server certificate and writes its two files.
     *
     * @param name name of the two files, without an extension
     * @param hosts DNS names, or IP addresses in digits
     */
    public KeyPairFiles issue(String name, String... hosts) throws IOException {
        CertificateBuilder builder = builder("CN=" + hosts[0]).addExtendedKeyUsageServerAuth();
        for (String host : hosts) {
            if (host.matches("[0-9.]+|.*:.*")) {
                builder.addSanIpAddress(host);
            } else {
                builder.addSanDnsName(host);
            }
        }
        X509Bundle issued = issuedBy(root, builder);
        KeyPairFiles files = new KeyPairFiles(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
        Files.writeString(files.certificate(), issued.getCertificatePathPEM());
        Files.writeString(files.key(), issued.getPrivateKeyPEM());
        return files;
    }

    /**
     * Issues a certificate for an endpoint on this machine: for {@code localhost}, {@code 127.0.0.1} and {@code ::1}.
     */
    public KeyPairFiles issueForLoopback() throws IOException {
        return issue("endpoint", "localhost", "127.0.0.1", "::1");
    }

    private static CertificateBuilder builder(String subject) {
        Instant from = Instant.now().minus(CLOCK_SKEW);
        return new CertificateBuilder()
                .ecp256()
                .subject(subject)
                .notBefore(from)
                .notAfter(from.plus(VALIDITY));
    }

    private static X509Bundle selfSigned() {
        try {
            return builder("CN=Crowfly simulated endpoints")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException("the JDK can't create a P-256 certificate", e);
        }
    }

    private static X509Bundle issuedBy(X509Bundle root, CertificateBuilder builder) {
        try {
            return builder.buildIssuedBy(root);
        } catch (Exception e) {
            throw new IllegalStateException("the JDK can't create a P-256 certificate", e);
        }
    }
}
