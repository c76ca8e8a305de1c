/**
 * Dialects of simulated endpoints, one for each provider: paths, access policy and operations. A dialect turns the head
 * of a request into an {@link io.crowfly.bench.endpoint.dialect.RequestedOperation} or a
 * {@link io.crowfly.bench.endpoint.dialect.EndpointRefusal}. Imports no other package of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.dialect;
