package io.crowfly.bench.replace;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Calls that make one full TLS handshake each, and keep the certificate that was served last. */
final class Handshakes implements Clients.Call {

    private static final int TIMEOUT_MILLIS = 30_000;

    private static final long PAUSE_MILLIS = 2;

    private final int port;
    private final Path authority;
    private volatile Optional<X509Certificate> served = Optional.empty();

    /** @param authority PEM file of the authority that the certificates are from */
    Handshakes(int port, Path authority) {
        this.port = port;
        this.authority = authority;
    }

    @Override
    public void make() throws IOException, InterruptedException {
        served = Optional.of(handshake());
        Thread.sleep(PAUSE_MILLIS);
    }

    private X509Certificate handshake() throws IOException {
        try (SSLSocket socket = (SSLSocket) factory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Returns a factory of its own for each handshake, because a shared one would resume sessions. */
    private SSLSocketFactory factory() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = new FileInputStream(authority.toFile())) {
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    /** Returns whether the last handshake that has ended was with this certificate. */
    boolean serves(X509Certificate certificate) {
        return served.isPresent() && served.get().equals(certificate);
    }
}
