/**
 * Scanners of response bodies.
 *
 * <p>Input: the chunks of a token stream ({@link io.crowfly.balancer.content.response.EventScanner}), of a JSON
 * response ({@link io.crowfly.balancer.content.response.ResponseScanner}), or of a response with a client secret
 * ({@link io.crowfly.balancer.content.response.ClientSecretScanner}). Output: whether the first token was received
 * (TTFT is the time until then), whether the stream has reached its regular end, the token usage, and the ids of stored
 * objects. Ownership, threads and errors: see {@link io.crowfly.balancer.content}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content.response;
