/**
 * Differences between Azure, Google and plain OpenAI-compatible endpoints. For a request, the input is a client's path
 * and headers; the output is the path and headers that the backend expects, with its credential. For a response, the
 * input is headers and errors; the output is the figures in the headers, and errors in OpenAI's format.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.provider;
