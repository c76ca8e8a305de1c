/**
 * One request and its answer: the {@link io.crowfly.balancer.exchange.Exchange}, its attempts at backends, the relay of
 * bodies both ways, timeouts and retries. Every protocol meets here in one vocabulary, and no wire format is known:
 *
 * <pre>
 *   listener ── RequestHead, bytes, end ──►  Exchange  ──►  UpstreamStream ── the backend
 *   client  ◄── Downstream ───────────────  Exchange ◄──  UpstreamEvents ──
 * </pre>
 *
 * <p>Inside: the exchange chooses and speaks to the client; its {@link io.crowfly.balancer.attempt.Attempts} go by the table
 * in {@code AttemptOutcome} until one has an answer, or there is none but an error, which is kept from the
 * client until then in {@code HeldResponseHandler}; the {@link io.crowfly.balancer.attempt.RequestRelay}
 * brings the request to the one that is to have it; each {@link io.crowfly.balancer.attempt.AttemptObserver} takes the time and
 * tells what was learned.
 *
 * <p>The listener implements {@link io.crowfly.balancer.message.Downstream}; the upstream room implements
 * {@link io.crowfly.balancer.attempt.Upstream} and {@link io.crowfly.balancer.attempt.UpstreamStream}. An exchange lives
 * and dies on one event loop: every method here is called on it.
 *
 * <p>Ownership: whoever passes a {@code ByteBuf} to one of these interfaces gives it away, and the receiver releases it.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.exchange;
