/**
 * Simulated inference endpoints on real sockets, with the dialects of Azure, Google and plain OpenAI-compatible
 * services. An endpoint can be made slow, faulty or unreachable.
 *
 * <p>Netty's codec decodes a connection's bytes. A {@link io.crowfly.bench.endpoint.EndpointConnectionHandler} makes an
 * {@link io.crowfly.bench.endpoint.EndpointExchange} of each request, and the
 * {@link io.crowfly.bench.endpoint.EndpointRouter} selects a {@link io.crowfly.bench.endpoint.EndpointService} for it.
 * The {@link io.crowfly.bench.endpoint.dialect.EndpointDialect} decides which requests are refused and which form
 * responses have. The current {@link io.crowfly.bench.endpoint.behaviour.Behaviour} decides when a response is sent, or
 * that none is sent. Received requests are counted in {@link io.crowfly.bench.endpoint.EndpointStatistics}. Objects
 * that later requests may refer to are in {@link io.crowfly.bench.endpoint.ObjectStore}.
 *
 * <p>The packages below are {@code dialect}, {@code behaviour}, {@code request}, {@code fixture} and {@code tls}. This
 * package imports them; they do not import this package.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint;
