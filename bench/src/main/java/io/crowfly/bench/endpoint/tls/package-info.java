/**
 * Certificate authority for simulated endpoints with TLS, created at run time. Imports no other package of
 * {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.tls;
