package io.crowfly.balancer.affinity;

import io.crowfly.balancer.credential.AttachedCredential;
import java.util.Optional;

/** Where what a request refers to is kept, as far as it is known. */
public sealed interface Owner {

    Owner NONE = new None();

    /** It refers to nothing that is kept. */
    record None() implements Owner {}

    /** One backend keeps it, and no other can do anything with it. */
    record Known(String backend) implements Owner {}

    /** It shows a secret that the backend has given out, and that means nothing to any other. */
    record OfSecret(String backend, AttachedCredential.RealtimeSecret secret) implements Owner {}

    /** Nobody has seen it. @param likelyBackend the backend to ask first */
    record Unknown(Optional<String> likelyBackend) implements Owner {}
}
