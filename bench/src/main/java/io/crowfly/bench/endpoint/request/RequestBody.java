package io.crowfly.bench.endpoint.request;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** Reader of a request's body in the simulated endpoint. Used by one thread. Holds only heap memory. */
public interface RequestBody {

    /**
     * Reads the next piece of the body. The caller keeps the ownership of the buffer; this method keeps no reference to
     * it.
     */
    void feed(ByteBuf chunk);

    /** Returns the parsed request; empty if the body is incomplete or malformed. */
    Optional<ParsedRequest> finish();
}
