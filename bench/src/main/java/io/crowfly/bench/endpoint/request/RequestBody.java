package io.crowfly.bench.endpoint.request;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** Reads a request's body as it arrives. Used by one thread. Holds only heap memory. */
public interface RequestBody {

    /** Reads the chunk. The caller keeps the ownership of the chunk; this method does not keep a reference. */
    void feed(ByteBuf chunk);

    /** Returns the parsed request; empty if the body is incomplete or malformed. */
    Optional<ParsedRequest> finish();
}
