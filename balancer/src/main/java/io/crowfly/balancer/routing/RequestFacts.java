package io.crowfly.balancer.routing;

import io.crowfly.probes.RequestClass;
import java.util.function.UnaryOperator;

/**
 * What decides where a request may go, and where it is best off.
 *
 * @param path without the query
 * @param headers a header's first value by its name; empty where there is none
 * @param bytes of the body as far as known: what stands for the size of the prompt
 */
public record RequestFacts(RequestClass requestClass, String path, UnaryOperator<String> headers, long bytes) {}
