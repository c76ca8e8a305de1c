package io.crowfly.balancer.routing;

import io.crowfly.conf.value.Glob;

/** Access of routing rules to a request's headers, without a dependency on Netty. */
@FunctionalInterface
public interface HeaderMatcher {

    /**
     * Returns whether any value of the header matches; false without such a header. The method matches instead of
     * returning a value, so that repeated headers need no list.
     *
     * @param name in lower case; the names of the request's headers are compared case-insensitively
     */
    boolean anyMatches(String name, Glob value);
}
