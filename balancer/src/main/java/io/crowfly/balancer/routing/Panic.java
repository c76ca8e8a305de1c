package io.crowfly.balancer.routing;

import java.util.Optional;

/**
 * A kind of request whose backends are all closed, and that goes to the least bad of them.
 *
 * @param model as the conf lists it, never by a client's own word: it is for the log. Absent where none is listed or named
 */
public record Panic(Optional<String> model, Candidates candidates) {}
