package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.ErrorResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Handler of the beginning of a TLS handshake, which selects the certificate by the server name. The handshake has no
 * timer of its own, because {@link HeadTimeout} covers the handshake. A client that sends plain HTTP gets a plain 400.
 */
final class TlsHandshake extends SniHandler {

    /**
     * Limit of a TLS ClientHello; those of browsers are about 2 KiB. Netty allocates the announced length before the
     * bytes arrive, by default up to 16 MiB.
     */
    private static final int MAX_CLIENT_HELLO_BYTES = 16 * 1024;

    /** Event: the client has sent plain HTTP, and the response was written. No request will follow. */
    enum PlainHttp {
        REFUSED
    }

    private final Runnable onPlainHttp;
    private boolean begun;
    private boolean refused;

    /** @param onPlainHttp called when the client has sent plain HTTP */
    TlsHandshake(Mapping<String, SslContext> contexts, Runnable onPlainHttp) {
        super(contexts, MAX_CLIENT_HELLO_BYTES, 0);
        this.onPlainHttp = onPlainHttp;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!begun && in.isReadable()) {
            begun = true;
            byte first = in.getByte(in.readerIndex());
            // A method begins with a letter. A TLS record begins with a number below 24.
            if (first >= 'A' && first <= 'Z') {
                refused = true;
                onPlainHttp.run();
                ctx.writeAndFlush(Unpooled.wrappedBuffer(plainResponse()), ctx.voidPromise());
                ctx.fireUserEventTriggered(PlainHttp.REFUSED);
            }
        }
        if (refused) {
            in.skipBytes(in.readableBytes());
        } else {
            super.decode(ctx, in, out);
        }
    }

    private static byte[] plainResponse() {
        byte[] body = ErrorResponse.plainHttp().json().getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: " + body.length
                        + "\r\nconnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] response = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, response, head.length, body.length);
        return response;
    }

    @Override
    protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
        SslHandler handler = super.newSslHandler(context, allocator);
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }
}
