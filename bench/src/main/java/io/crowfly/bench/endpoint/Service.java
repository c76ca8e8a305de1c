package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;

/** Serves one request. Everything is called on the connection's event loop. */
interface Service {

    /** A piece of the request's body, borrowed: whoever calls releases it. */
    default void receiveBody(ByteBuf chunk) {}

    /** The request is here whole; the answer may begin. */
    void requestComplete();

    /** There is room again in the connection's write buffer. */
    default void writable() {}
}
