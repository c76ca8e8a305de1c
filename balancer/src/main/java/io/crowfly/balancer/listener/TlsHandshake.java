package io.crowfly.balancer.listener;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;

/**
 * Handler of the beginning of a TLS handshake, which selects the certificate by the server name. The handshake has no
 * timer of its own, because {@link HeadTimeout} covers the handshake.
 */
final class TlsHandshake extends SniHandler {

    /**
     * Limit of a TLS ClientHello; those of browsers are about 2 KiB. Netty allocates the announced length before the
     * bytes arrive, by default up to 16 MiB.
     */
    private static final int MAX_CLIENT_HELLO_BYTES = 16 * 1024;

    TlsHandshake(Mapping<String, SslContext> contexts) {
        super(contexts, MAX_CLIENT_HELLO_BYTES, 0);
    }

    @Override
    protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
        SslHandler handler = super.newSslHandler(context, allocator);
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }
}
