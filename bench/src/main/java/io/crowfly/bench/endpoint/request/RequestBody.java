package io.crowfly.bench.endpoint.request;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** Reads a request's body as it arrives. Used by one thread. Holds no memory but the heap's. */
public interface RequestBody {

    /** Borrows the chunk: it is read to its end and not kept. */
    void feed(ByteBuf chunk);

    /** What was asked; empty if the body was not whole, or not of the form that it should have. */
    Optional<ParsedRequest> finish();
}
