/**
 * Connections to backends, pooled per event loop. In comes an exchange's request for a stream to a backend; out goes a
 * connection, fresh or used before, that turns heads and bodies into HTTP/1.1 and back.
 *
 * <p>Nothing here is shared between loops but what is immutable: a pool belongs to one loop and is touched by no other
 * thread.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.upstream;
