package io.crowfly.conf;

import io.crowfly.conf.value.Secret;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of the admin interface ({@code admin}), which serves metrics and state to operators.
 *
 * @param bind address on which the admin interface listens
 * @param hosts names, in lower case and without a port, that requests may have in {@code Host} beside IP addresses and
 *     {@code localhost}
 * @param token the bearer token that requests must carry, if any
 */
public record Admin(BindAddress bind, Set<String> hosts, Optional<Secret> token) {

    public Admin {
        hosts = Set.copyOf(hosts);
    }
}
