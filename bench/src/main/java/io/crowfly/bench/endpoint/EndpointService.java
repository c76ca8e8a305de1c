package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;

/**
 * Service of the simulated endpoint that receives one request and sends its response. All methods are called on the
 * connection's event loop.
 */
interface EndpointService {

    /** Receives a piece of the request's body. The caller keeps the ownership of the buffer. */
    default void receiveBody(ByteBuf chunk) {}

    /** Is called when the request is complete. The service may then start the response. */
    void requestComplete();

    /** Is called when the connection's write buffer is below its high-water mark again. */
    default void writable() {}
}
