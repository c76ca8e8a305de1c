/**
 * Where clients arrive: sockets, TLS, protocol codecs, and limits on what clients may do. In come bytes; out go the heads,
 * bodies and ends of requests, each to an exchange. Knows no backend.
 *
 * <p>Every event loop has a socket of its own on every port (SO_REUSEPORT) and keeps the connections that it accepts.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.listener;
