package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.ActiveBehaviour;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Timing and outcome of one response of the simulated endpoint. The endpoint's behaviour decides them, unless the
 * request names one of the models below. So a test can choose the outcome with an ordinary client.
 *
 * <ul>
 *   <li>{@code sim-429}, {@code sim-500} and so on fail with that status;
 *   <li>{@code sim-slow} streams for a minute, a token every 100 ms;
 *   <li>{@code sim-reset} resets the connection after three events;
 *   <li>{@code sim-early-end}, {@code sim-early-error}, {@code sim-early-reset}, {@code sim-late-error} and {@code
 *       sim-late-reset} have this {@link StreamFault};
 *   <li>{@code sim-hang} gets no response.
 * </ul>
 *
 * <p>A publisher may precede the name, as in {@code google/sim-429}.
 *
 * @param firstTokenNanos time from the end of the request to the first token
 * @param betweenTokensNanos time from one token to the next
 * @param tokens number of tokens
 * @param errorStatus status of the error response; empty for a successful response
 * @param resetAfterEvents number of events after which the connection is reset; empty for never
 * @param streamFault fault of a streamed response; a response that is not streamed is replaced by a reset
 * @param headAtOnce whether a streamed response begins at once, with its head only
 * @param hang whether no response is sent
 */
record ResponsePlan(
        long firstTokenNanos,
        long betweenTokensNanos,
        int tokens,
        OptionalInt errorStatus,
        OptionalInt resetAfterEvents,
        Optional<StreamFault> streamFault,
        boolean headAtOnce,
        boolean hang) {

    private static final Pattern STATUS_MODEL = Pattern.compile("sim-([45]\\d\\d)");
    private static final long SLOW_BETWEEN_NANOS = 100_000_000;
    private static final int SLOW_TOKENS = 600;
    private static final int EVENTS_BEFORE_RESET = 3;

    static ResponsePlan create(ActiveBehaviour active, ParsedRequest request) {
        Behaviour behaviour = active.settings;
        int tokens = request.maxTokens().isPresent()
                ? Math.min(request.maxTokens().getAsInt(), behaviour.tokens())
                : behaviour.tokens();
        ResponsePlan configured = new ResponsePlan(
                (long) (active.nextFirstTokenNanos()
                        * behaviour.model(request.model()).timeFactor()),
                behaviour.betweenTokens().toNanos(),
                tokens,
                OptionalInt.empty(),
                behaviour.resetAfterEvents(),
                Optional.empty(),
                behaviour.headAtOnce(),
                false);
        String name = request.model().substring(request.model().lastIndexOf('/') + 1);
        return configured.forModelName(name).orElseGet(() -> configured.withErrorStatus(active.nextErrorStatus()));
    }

    private Optional<ResponsePlan> forModelName(String model) {
        Matcher status = STATUS_MODEL.matcher(model);
        if (status.matches()) {
            return Optional.of(withErrorStatus(OptionalInt.of(Integer.parseInt(status.group(1)))));
        }
        return switch (model) {
            case "sim-slow" -> Optional.of(slow());
            case "sim-reset" -> Optional.of(withResetAfterEvents(OptionalInt.of(EVENTS_BEFORE_RESET)));
            case "sim-early-end" -> Optional.of(withStreamFault(StreamFault.EARLY_END));
            case "sim-early-error" -> Optional.of(withStreamFault(StreamFault.EARLY_ERROR));
            case "sim-early-reset" -> Optional.of(withStreamFault(StreamFault.EARLY_RESET));
            case "sim-late-error" -> Optional.of(withStreamFault(StreamFault.LATE_ERROR));
            case "sim-late-reset" -> Optional.of(withStreamFault(StreamFault.LATE_RESET));
            case "sim-hang" -> Optional.of(hanging());
            default -> Optional.empty();
        };
    }

    private ResponsePlan slow() {
        return new ResponsePlan(
                firstTokenNanos,
                SLOW_BETWEEN_NANOS,
                SLOW_TOKENS,
                errorStatus,
                OptionalInt.empty(),
                streamFault,
                headAtOnce,
                hang);
    }

    private ResponsePlan hanging() {
        return new ResponsePlan(
                firstTokenNanos,
                betweenTokensNanos,
                tokens,
                errorStatus,
                OptionalInt.empty(),
                streamFault,
                headAtOnce,
                true);
    }

    private ResponsePlan withResetAfterEvents(OptionalInt events) {
        return new ResponsePlan(
                firstTokenNanos, betweenTokensNanos, tokens, errorStatus, events, streamFault, headAtOnce, hang);
    }

    private ResponsePlan withStreamFault(StreamFault fault) {
        return new ResponsePlan(
                firstTokenNanos,
                betweenTokensNanos,
                tokens,
                errorStatus,
                OptionalInt.empty(),
                Optional.of(fault),
                headAtOnce,
                hang);
    }

    private ResponsePlan withErrorStatus(OptionalInt with) {
        return new ResponsePlan(
                firstTokenNanos, betweenTokensNanos, tokens, with, resetAfterEvents, streamFault, headAtOnce, hang);
    }

    /** Returns whether the connection is reset instead of a response that is not streamed. */
    boolean resetsWholeResponse() {
        return resetAfterEvents.isPresent() || streamFault.isPresent();
    }

    /** Returns the time until a response that is not streamed is ready. */
    long completeNanos() {
        return firstTokenNanos + (tokens - 1) * betweenTokensNanos;
    }
}
