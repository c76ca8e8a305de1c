/**
 * The life of one exchange: a client's request and its response, from the first byte to the outcome. The types here
 * are the same for all protocols, and this package contains no wire format.
 *
 * <pre>
 *   listener ── RequestHead, body, end ──►  Exchange ──►  Attempts ──►  UpstreamStream ── backend
 *   client ◄── Downstream ───────────────  Exchange ◄──  Attempts ◄──  UpstreamEvents ── backend
 * </pre>
 *
 * <p>The input is the request head and the body from the listener. The output is the response to
 * {@link io.crowfly.balancer.message.Downstream} and one {@link io.crowfly.balancer.exchange.Outcome} per exchange. The
 * exchange inspects the request, looks up the owner of the state that the request refers to, and starts the
 * {@link io.crowfly.balancer.attempt.Attempts}, whose response it receives as a
 * {@link io.crowfly.balancer.attempt.ResponseReceiver}.
 *
 * <p>An exchange is confined to one event loop: every method here is called on that loop. A method that
 * receives a {@code ByteBuf} takes ownership of the buffer, unless the method says otherwise.
 *
 * <p>This package imports {@code attempt} and {@code message}; neither imports this package.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.exchange;
