/**
 * Inference endpoints over real sockets that speak as Azure, Google and plain OpenAI-compatible services do, and that
 * can be told to be slow, wrong or gone.
 *
 * <p>A connection's bytes come in through Netty's codec; a {@link io.crowfly.bench.endpoint.ConnectionHandler} makes
 * {@link io.crowfly.bench.endpoint.Exchange}s of them, the {@link io.crowfly.bench.endpoint.Router} picks a
 * {@link io.crowfly.bench.endpoint.Service} for each, the {@link io.crowfly.bench.endpoint.dialect.Dialect} says what its
 * answers look like (the texts are resources beside this package) and which requests it refuses, and the
 * {@link io.crowfly.bench.endpoint.behaviour.Behaviour} in force says when they come, or that they don't. What arrived is noted in
 * {@link io.crowfly.bench.endpoint.EndpointStatistics}; what later requests may refer to is in
 * {@link io.crowfly.bench.endpoint.ObjectStore}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint;
