package io.crowfly.balancer.testbed;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Certificates for hosts that exist only in tests, and TLS contexts of the JDK that use them. */
public final class Certificates {

    /** Long enough that no warning of an early end is logged. */
    private static final Duration VALIDITY = Duration.ofDays(90);

    public static final X509Bundle CA = authority("CN=Test CA");
    public static final X509Bundle OTHER_CA = authority("CN=Other CA");

    private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

    private Certificates() {}

    private static X509Bundle authority(String name) {
        return build(
                new CertificateBuilder()
                        .subject(name)
                        .notAfter(Instant.now().plus(VALIDITY))
                        .setIsCertificateAuthority(true),
                null);
    }

    /** @param host any text of up to 100 characters, host name or not */
    public static X509Bundle certificate(String host, X509Bundle issuer) {
        return certificate(host, issuer, VALIDITY.negated(), VALIDITY);
    }

    /** @param from begin of the validity, relative to now, as {@code to} */
    private static X509Bundle certificate(String host, X509Bundle issuer, Duration from, Duration to) {
        Instant now = Instant.now();
        return build(
                new CertificateBuilder()
                        .subject("CN=" + host)
                        .notBefore(now.plus(from))
                        .notAfter(now.plus(to))
                        .addExtensionOctetString(SUBJECT_ALTERNATIVE_NAME, false, dnsName(host)),
                issuer);
    }

    /** Encoded in DER by hand, because the builder refuses names that are not host names (RFC 5280 section 4.2.1.6). */
    private static byte[] dnsName(String host) {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(name.length + 4)
                .put((byte) 0x30)
                .put((byte) (name.length + 2))
                .put((byte) 0x82)
                .put((byte) name.length)
                .put(name)
                .array();
    }

    private static X509Bundle build(CertificateBuilder builder, @Nullable X509Bundle issuer) {
        try {
            return issuer == null
                    ? builder.ecp256().buildSelfSigned()
                    : builder.ecp256().buildIssuedBy(issuer);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static SSLContext context(X509Bundle own, X509Bundle trusted) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own.toKeyManagerFactory().getKeyManagers(),
                trusted.toTrustManagerFactory().getTrustManagers(),
                null);
        return context;
    }

    /** Opens a client connection that trusts {@link #CA}. The handshake has not begun. */
    public static SSLSocket connect(int port, String sni) throws Exception {
        SSLSocket socket =
                (SSLSocket) context(CA, CA).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** Writes a certificate issued by {@link #CA} and its key beside a conf, and returns the entry for the conf. */
    public static String write(Path directory, String file, String host) throws IOException {
        return write(directory, file, host, VALIDITY);
    }

    /** @param validity from now on; negative for a certificate that has expired */
    public static String write(Path directory, String file, String host, Duration validity) throws IOException {
        return write(directory, file, host, VALIDITY.negated(), validity);
    }

    /** @param from begin of the validity, relative to now, as {@code to} */
    public static String write(Path directory, String file, String host, Duration from, Duration to)
            throws IOException {
        X509Bundle bundle = certificate(host, CA, from, to);
        Files.writeString(directory.resolve(file + ".crt"), bundle.getCertificatePathPEM());
        Files.writeString(directory.resolve(file + ".key"), bundle.getPrivateKeyPEM());
        return "{cert: " + file + ".crt, key: " + file + ".key}";
    }
}
