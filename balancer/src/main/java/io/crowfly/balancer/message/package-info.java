/**
 * Requests and responses as {@code exchange} and {@code attempt} pass them on, independent of the HTTP version: heads,
 * the held body, header rules, and error responses that Crowfly generates.
 *
 * <p>The {@code listener} package creates the {@link io.crowfly.balancer.message.RequestHead} and implements {@link
 * io.crowfly.balancer.message.Downstream}, to which responses are sent. A method that receives a {@code ByteBuf} takes
 * ownership of the buffer, unless the method says otherwise.
 *
 * <p>This package imports neither {@code exchange} nor {@code attempt}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.message;
