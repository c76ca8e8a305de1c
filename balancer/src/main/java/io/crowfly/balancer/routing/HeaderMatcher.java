package io.crowfly.balancer.routing;

import io.crowfly.conf.value.Glob;

/** The headers of a request as far as rules look at them, whatever holds them. */
@FunctionalInterface
public interface HeaderMatcher {

    /**
     * Whether any of the header's values matches; false without such a header. Asking for a match rather than for the value
     * leaves it to whoever holds the headers how to see a header that was sent twice, without a list being made of it.
     *
     * @param name in lower case; names of headers are the same in any case
     */
    boolean anyMatches(String name, Glob value);
}
