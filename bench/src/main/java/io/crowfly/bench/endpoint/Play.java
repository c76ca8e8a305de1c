package io.crowfly.bench.endpoint;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one answer is to go: the script's word, unless the request names one of the models that ask for it, which is how a
 * test that has only an ordinary client in its hands gets what it wants.
 *
 * <ul>
 *   <li>{@code sim-429}, {@code sim-500} and so on fail with that status;
 *   <li>{@code sim-slow} streams for a minute, a token every 100 ms;
 *   <li>{@code sim-reset} resets the connection after three events;
 *   <li>{@code sim-hang} never answers.
 * </ul>
 *
 * A publisher may stand before the name, as in {@code google/sim-429}.
 *
 * @param status of the error to answer with; empty for a good answer
 */
record Play(
        long firstTokenNanos,
        long betweenTokensNanos,
        int tokens,
        OptionalInt status,
        OptionalInt resetAfterEvents,
        boolean hang) {

    private static final Pattern ASKED_STATUS = Pattern.compile("sim-([45]\\d\\d)");
    private static final long SLOW_BETWEEN_NANOS = 100_000_000;
    private static final int SLOW_TOKENS = 600;
    private static final int EVENTS_BEFORE_RESET = 3;

    static Play of(Script script, Asked asked) {
        Behaviour behaviour = script.behaviour;
        int tokens = asked.maxTokens().isPresent()
                ? Math.min(asked.maxTokens().getAsInt(), behaviour.tokens())
                : behaviour.tokens();
        Play scripted = new Play(
                script.firstTokenNanos(),
                behaviour.betweenTokens().toNanos(),
                tokens,
                OptionalInt.empty(),
                behaviour.resetAfterEvents(),
                false);
        String name = asked.model().substring(asked.model().lastIndexOf('/') + 1);
        return scripted.named(name).orElseGet(() -> scripted.failing(script.nextFault()));
    }

    private Optional<Play> named(String model) {
        Matcher status = ASKED_STATUS.matcher(model);
        if (status.matches()) {
            return Optional.of(failing(OptionalInt.of(Integer.parseInt(status.group(1)))));
        }
        return switch (model) {
            case "sim-slow" ->
                Optional.of(new Play(
                        firstTokenNanos, SLOW_BETWEEN_NANOS, SLOW_TOKENS, status(), OptionalInt.empty(), false));
            case "sim-reset" ->
                Optional.of(new Play(
                        firstTokenNanos,
                        betweenTokensNanos,
                        tokens,
                        status(),
                        OptionalInt.of(EVENTS_BEFORE_RESET),
                        false));
            case "sim-hang" ->
                Optional.of(new Play(firstTokenNanos, betweenTokensNanos, tokens, status(), OptionalInt.empty(), true));
            default -> Optional.empty();
        };
    }

    private Play failing(OptionalInt with) {
        return new Play(firstTokenNanos, betweenTokensNanos, tokens, with, resetAfterEvents, hang);
    }

    /** When an answer that isn't streamed is ready. */
    long wholeNanos() {
        return firstTokenNanos + (tokens - 1) * betweenTokensNanos;
    }
}
