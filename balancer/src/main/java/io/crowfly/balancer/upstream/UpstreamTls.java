package io.crowfly.balancer.upstream;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** TLS towards backends, by BoringSSL: certificates are verified, and so is the host's name in them. */
final class UpstreamTls {

    private UpstreamTls() {}

    /**
     * @param authority the certificates to trust, PEM; absent: the JDK's
     * @throws IOException if they can't be understood
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
