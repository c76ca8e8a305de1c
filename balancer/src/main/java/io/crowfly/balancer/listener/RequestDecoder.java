package io.crowfly.balancer.listener;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Netty's decoder, strict as it comes: a request with both a length and chunks, bare line feeds, or a broken chunk is
 * refused. A read is taken whole, and where one ends inside a chunk's frame the next is put behind it by reference: body
 * bytes are never copied.
 */
final class RequestDecoder extends HttpRequestDecoder {

    /** @param headBytes for the request line and again for the headers */
    RequestDecoder(int headBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                .setMaxChunkSize(Integer.MAX_VALUE));
        setCumulator(COMPOSITE_CUMULATOR);
    }
}
