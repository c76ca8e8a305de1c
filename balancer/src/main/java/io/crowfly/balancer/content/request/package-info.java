/**
 * Scanners of request bodies, and the edit that renames the model in a body.
 *
 * <p>Input: the chunks of a request body, JSON ({@link io.crowfly.balancer.content.request.RequestScanner}) or a form
 * ({@link io.crowfly.balancer.content.request.FormScanner}). Output: the model's name and position, whether a stream is
 * requested, whether state is stored, and the ids of stored objects. {@link
 * io.crowfly.balancer.content.request.SpanEdit} replaces the model's name in a body. Ownership, threads and errors: see
 * {@link io.crowfly.balancer.content}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content.request;
