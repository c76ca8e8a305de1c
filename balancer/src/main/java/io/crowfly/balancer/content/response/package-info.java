/**
 * Scanners of response bodies.
 *
 * <p>Input: the chunks of a token stream ({@link io.crowfly.balancer.content.response.EventScanner}), of a JSON response
 * ({@link io.crowfly.balancer.content.response.ResponseScanner}), or of a response with a client secret ({@link
 * io.crowfly.balancer.content.response.ClientSecretScanner}). Output: whether the first token has arrived (TTFT is the time
 * until then), whether the stream has ended properly, the token usage, and the ids of what the backend stores. Ownership,
 * threads and errors: see {@link io.crowfly.balancer.content}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content.response;
