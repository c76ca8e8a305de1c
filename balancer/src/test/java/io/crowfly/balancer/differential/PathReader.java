package io.crowfly.balancer.differential;

import java.util.Optional;

/** A parser of request targets, as a server uses it. */
interface PathReader {

    /** @return the path by which the server chooses the operation; empty if the server refuses the request */
    Optional<String> read(String target);
}
