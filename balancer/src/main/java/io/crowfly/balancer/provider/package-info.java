/**
 * What differs between Azure, Google and plain OpenAI-compatible endpoints. In come a client's path and headers; out go
 * the path and headers that the backend expects, credential included. Back come an answer's headers and errors; out go what
 * they say of the backend, and errors as OpenAI would give them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.provider;
