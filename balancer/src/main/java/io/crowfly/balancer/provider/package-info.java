/**
 * Differences between Azure, Google and plain OpenAI-compatible endpoints. For a request: a client's path and headers
 * come in; the path and headers that the backend expects go out, with its credential. For a response: headers and
 * errors come in; the figures that the headers carry, and errors in OpenAI's shape, go out.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.provider;
