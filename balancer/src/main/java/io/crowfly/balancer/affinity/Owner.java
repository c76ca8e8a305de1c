package io.crowfly.balancer.affinity;

import io.crowfly.balancer.credential.AttachedCredential;
import java.util.Optional;

/** Owner of the stored state that a request refers to: the backend that keeps the response or file, if it is known. */
public sealed interface Owner {

    Owner NONE = new None();

    /** The request does not refer to stored state, so any backend may serve it. */
    record None() implements Owner {}

    /** One backend keeps the state, and no other backend can serve the request. */
    record Known(String backend) implements Owner {}

    /** The request carries a client secret that this backend has issued. No other backend accepts the secret. */
    record OfSecret(String backend, AttachedCredential.RealtimeSecret secret) implements Owner {}

    /**
     * The request refers to stored state, but its owner is unknown.
     *
     * @param likelyBackend the backend to try first
     */
    record Unknown(Optional<String> likelyBackend) implements Owner {}
}
