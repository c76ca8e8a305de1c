package io.crowfly.balancer.routing;

import io.crowfly.conf.value.Glob;

/** View of a request's headers for rules. */
@FunctionalInterface
public interface HeaderMatcher {

    /**
     * Returns whether any of the header's values matches; false without such a header. A match rather than the value,
     * so that repeated headers need no list.
     *
     * @param name in lower case; the names of the request's headers are compared case-insensitively
     */
    boolean anyMatches(String name, Glob value);
}
