package io.crowfly.balancer.listener;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Netty's decoder in its strict default configuration: a request with both a length and chunks, with bare line feeds,
 * or with an invalid chunk is refused.
 *
 * <p>The decoder passes each read on by reference. If a read ends within the framing of a chunk, the next read is
 * appended in a composite buffer, so body bytes are never copied.
 */
final class RequestDecoder extends HttpRequestDecoder {

    /** Whether a request line has been read, whose head has not been passed on yet. */
    private boolean requestLineRead;

    /** @param headBytes limit of the request line, and also of the headers */
    RequestDecoder(int headBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                .setMaxChunkSize(Integer.MAX_VALUE));
        setCumulator(COMPOSITE_CUMULATOR);
    }

    @Override
    protected HttpMessage createMessage(String[] requestLine) throws Exception {
        requestLineRead = true;
        return super.createMessage(requestLine);
    }

    /** A head has been passed on. */
    void onHeadPassed() {
        requestLineRead = false;
    }

    /** Returns whether a part of a head has been received. Call only between two requests. */
    boolean isInsideHead() {
        return requestLineRead || actualReadableBytes() > 0;
    }
}
