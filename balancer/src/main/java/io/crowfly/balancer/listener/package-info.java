/**
 * Connections of clients: sockets, TLS, protocol codecs, and limits on what clients may do. Input: bytes. Output: the
 * heads, bodies and ends of requests, each to an exchange. Has no knowledge of backends.
 *
 * <p>Every event loop has its own socket on every port (SO_REUSEPORT) and keeps the connections that it accepts.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.listener;
