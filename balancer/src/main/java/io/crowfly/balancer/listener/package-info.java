/**
 * Connections of clients: sockets, TLS, protocol codecs, and limits of connections and request sizes. Input: bytes.
 * Output: the heads, bodies and ends of requests, each to an exchange. This package contains nothing about backends.
 *
 * <p>Every event loop has its own socket on every port (SO_REUSEPORT) and keeps the connections that it accepts.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.listener;
