package io.crowfly.conf;

/** @param attempts how many backends one request may be sent to, the first included; at least 1 */
public record Routing(int attempts) {}
