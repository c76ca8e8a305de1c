package io.crowfly.balancer.routing;

import java.util.Optional;

/**
 * Kind of request in panic: all its backends are closed, and its requests are sent to the least bad of them.
 *
 * @param model the name in the conf, never the client's own text, because it is logged; absent if the model is unlisted
 *     or the request names none
 * @param candidates the candidates of this kind of request
 */
public record Panic(Optional<String> model, Candidates candidates) {}
