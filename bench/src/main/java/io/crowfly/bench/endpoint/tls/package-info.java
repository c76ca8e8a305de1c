/** A certificate authority that is created at run time, for endpoints with TLS. Imports nothing else of {@code endpoint}. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.tls;
