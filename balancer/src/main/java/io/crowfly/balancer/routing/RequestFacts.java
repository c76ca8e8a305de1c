package io.crowfly.balancer.routing;

import io.crowfly.probes.forecast.RequestClass;

/**
 * Facts of a request (class, path, headers, size) that decide its rule and its candidates.
 *
 * @param modelUnread whether the body may name a model that could not be read; then every rule about models matches
 * @param target the path in OpenAI's form, whichever form the client uses, with or without a query
 * @param bodyBytes size of the body as far as known; stands for the size of the prompt
 */
public record RequestFacts(
        RequestClass requestClass, boolean modelUnread, String target, HeaderMatcher headers, long bodyBytes) {

    /** Creates the facts of a request whose model is known, or that names none. */
    public RequestFacts(RequestClass requestClass, String target, HeaderMatcher headers, long bodyBytes) {
        this(requestClass, false, target, headers, bodyBytes);
    }
}
