package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;

/** Serves one request. All methods are called on the connection's event loop. */
interface EndpointService {

    /** Receives a piece of the request's body. The caller releases the chunk. */
    default void receiveBody(ByteBuf chunk) {}

    /** Is called when the request is complete; the response may begin. */
    void requestComplete();

    /** Is called when the connection's write buffer is below its high-water mark again. */
    default void writable() {}
}
