/**
 * Reading the bodies of requests: JSON and forms become a {@link io.crowfly.bench.endpoint.request.ParsedRequest}. Imports
 * nothing else of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.request;
