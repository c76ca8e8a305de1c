package io.crowfly.balancer.transport;

import io.netty.handler.codec.http.HttpDecoderConfig;

/** Configuration of the decoders of HTTP/1.1, which is as strict as Netty's default one. */
public final class DecoderConfig {

    private DecoderConfig() {}

    /** @param headBytes limit of the first line, and also of the headers and of the trailers */
    public static HttpDecoderConfig withLimit(int headBytes) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                // Bodies are passed on as they arrive.
                .setMaxChunkSize(Integer.MAX_VALUE)
                .setHeadersFactory(DecodedHeaders.headers())
                .setTrailersFactory(DecodedHeaders.trailers());
    }
}
