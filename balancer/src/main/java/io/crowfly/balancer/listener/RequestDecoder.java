package io.crowfly.balancer.listener;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Netty's decoder in its strict default configuration: a request with both a length and chunks, with bare line feeds,
 * or with an invalid chunk is refused.
 *
 * <p>The decoder passes each read on by reference. If a read ends within the framing of a chunk, the next read is
 * appended in a composite buffer, so body bytes are never copied.
 */
final class RequestDecoder extends HttpRequestDecoder {

    /** @param headBytes limit of the request line, and also of the headers */
    RequestDecoder(int headBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                .setMaxChunkSize(Integer.MAX_VALUE));
        setCumulator(COMPOSITE_CUMULATOR);
    }
}
