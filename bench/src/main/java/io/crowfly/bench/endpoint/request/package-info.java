/**
 * Readers of request bodies in simulated endpoints: JSON and forms become a
 * {@link io.crowfly.bench.endpoint.request.ParsedRequest}. Imports no other package of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.request;
