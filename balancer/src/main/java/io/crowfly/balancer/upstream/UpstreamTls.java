package io.crowfly.balancer.upstream;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Factory of the TLS contexts for connections to backends (BoringSSL). Certificates and the host names in them are
 * verified.
 */
final class UpstreamTls {

    private UpstreamTls() {}

    /**
     * Returns a TLS context.
     *
     * @param authority the certificates to trust, in PEM; absent for those of the JDK
     * @throws IOException if the certificates can't be parsed
     */
    static SslContext context(Optional<String> authority) throws IOException {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL)
                    .endpointIdentificationAlgorithm("HTTPS");
            if (authority.isPresent()) {
                builder.trustManager(new ByteArrayInputStream(authority.get().getBytes(StandardCharsets.UTF_8)));
            }
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IOException("not a certificate authority in PEM: " + e.getMessage(), e);
        }
    }
}
