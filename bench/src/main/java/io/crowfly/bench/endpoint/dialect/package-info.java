/**
 * The differences between providers: paths, access policy and operations. In comes the head of a request, out comes an
 * {@link io.crowfly.bench.endpoint.dialect.RequestedOperation} or a {@link io.crowfly.bench.endpoint.dialect.EndpointRefusal}. Imports
 * nothing else of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.dialect;
