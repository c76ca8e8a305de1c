package io.crowfly.balancer.routing;

import io.crowfly.probes.RequestClass;

/**
 * What decides where a request may go, and where it is best off.
 *
 * @param target the path as the client sent it, a query behind it or not
 * @param bytes of the body as far as known: what stands for the size of the prompt
 */
public record RequestFacts(RequestClass requestClass, String target, RequestHeaders headers, long bytes) {}
