/**
 * Attempts of one exchange at its backends: outcomes, retries, hedges, their budgets and timeouts, held error
 * responses, and the observations that an attempt makes about its backend.
 *
 * <p>The input is a request and the candidates that routing has chosen. The output is one response to the {@link
 * io.crowfly.balancer.attempt.ResponseReceiver}, and observations for the forecasts. The table in {@code
 * AttemptOutcome} gives the next step after each attempt. {@link io.crowfly.balancer.attempt.Upstream} and {@link
 * io.crowfly.balancer.attempt.UpstreamStream} are implemented by the {@code upstream} package, which reports to {@link
 * io.crowfly.balancer.attempt.UpstreamEvents}.
 *
 * <p>All attempts of an exchange are confined to its event loop. A method that receives a {@code ByteBuf} takes
 * ownership of the buffer, unless the method says otherwise.
 *
 * <p>This package imports {@code message} and never {@code exchange}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.attempt;
