/**
 * What differs between Azure, Google and plain OpenAI-compatible endpoints. In come a client's path and headers; out go
 * the path and headers that the backend expects, credential included.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.provider;
