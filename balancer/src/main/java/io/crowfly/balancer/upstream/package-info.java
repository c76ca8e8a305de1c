/**
 * Connections to backends, pooled per event loop. Input: requests of attempts for a stream to a backend. Output: new or
 * reused connections, which convert heads and bodies to HTTP/1.1 and back.
 *
 * <p>Event loops share only immutable objects: a pool belongs to one loop, and no other thread uses it.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.upstream;
