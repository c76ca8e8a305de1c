package io.crowfly.balancer.affinity;

import io.crowfly.balancer.credential.AttachedCredential;
import java.util.Optional;

/** Owner of the state that a request refers to: the backend that keeps it, as far as known. */
public sealed interface Owner {

    Owner NONE = new None();

    /** The request does not refer to stored state. */
    record None() implements Owner {}

    /** One backend keeps the state, and no other backend can serve the request. */
    record Known(String backend) implements Owner {}

    /** The request carries a client secret that the backend has issued, and that no other backend accepts. */
    record OfSecret(String backend, AttachedCredential.RealtimeSecret secret) implements Owner {}

    /**
     * The owner is unknown.
     *
     * @param likelyBackend the backend to try first
     */
    record Unknown(Optional<String> likelyBackend) implements Owner {}
}
