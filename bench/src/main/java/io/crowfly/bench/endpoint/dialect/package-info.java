/**
 * The differences between providers: paths, access policy and operations. In comes the head of a request, out comes an
 * {@link io.crowfly.bench.endpoint.dialect.Operation} or a {@link io.crowfly.bench.endpoint.dialect.Refusal}. Imports
 * nothing else of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.dialect;
