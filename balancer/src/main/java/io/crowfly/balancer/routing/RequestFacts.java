package io.crowfly.balancer.routing;

import io.crowfly.probes.forecast.RequestClass;

/**
 * What decides where a request may go, and where it is best off.
 *
 * @param modelUnread whether the body may name a model that could not be read: it is confined by every rule about models
 * @param target the path in OpenAI's dialect, whichever the client speaks, a query behind it or not
 * @param bodyBytes of the body as far as known: what stands for the size of the prompt
 */
public record RequestFacts(
        RequestClass requestClass, boolean modelUnread, String target, HeaderMatcher headers, long bodyBytes) {

    /** Of a request whose model, if any, is known. */
    public RequestFacts(RequestClass requestClass, String target, HeaderMatcher headers, long bytes) {
        this(requestClass, false, target, headers, bytes);
    }
}
