package io.crowfly.balancer.exchange;

import io.crowfly.balancer.credential.Shown;
import java.util.Optional;

/** Where what a request refers to is kept, as far as it is known. */
sealed interface Home {

    Home ANYWHERE = new Anywhere();

    /** It refers to nothing that is kept. */
    record Anywhere() implements Home {}

    /** One backend keeps it, and no other can do anything with it. */
    record At(String backend) implements Home {}

    /** It shows a secret that the backend has given out, and that means nothing to any other. */
    record Maker(String backend, Shown.ClientSecret secret) implements Home {}

    /** Nobody has seen it. @param likely the backend to ask first */
    record Unknown(Optional<String> likely) implements Home {}
}
