/**
 * One request and its answer: the {@link io.crowfly.balancer.exchange.Exchange}, its attempts at backends, the relay of
 * bodies both ways, timeouts and retries. Every protocol meets here in one vocabulary, and no wire format is known:
 *
 * <pre>
 *   listener ── RequestHead, bytes, end ──►  Exchange  ──►  UpstreamStream ── the backend
 *   client  ◄── Downstream ───────────────  Exchange ◄──  UpstreamEvents ──
 * </pre>
 *
 * <p>The listener implements {@link io.crowfly.balancer.exchange.Downstream}; the upstream room implements
 * {@link io.crowfly.balancer.exchange.Upstream} and {@link io.crowfly.balancer.exchange.UpstreamStream}. An exchange lives
 * and dies on one event loop: every method here is called on it.
 *
 * <p>Ownership: whoever passes a {@code ByteBuf} to one of these interfaces gives it away, and the receiver releases it.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.exchange;
