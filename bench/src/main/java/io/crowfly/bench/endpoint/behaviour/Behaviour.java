package io.crowfly.bench.endpoint.behaviour;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * What an endpoint is told to be like. It holds for the requests that begin after it was set.
 *
 * @param firstToken from the end of a request to the first token of its answer; embeddings take as long
 * @param betweenTokens from a token to the next one; an answer that isn't streamed waits for all of them
 * @param tokens in an answer, unless the request allows fewer
 * @param health how long a health answer takes
 * @param healthStatus the status of health answers
 * @param resetAfterEvents resets the connection after so many events of a stream (or in place of an answer that isn't
 *     streamed); empty for never
 */
public record Behaviour(
        Delay firstToken,
        Duration betweenTokens,
        int tokens,
        Delay health,
        int healthStatus,
        Faults faults,
        Outage outage,
        OptionalInt resetAfterEvents) {

    /** Answers at once and well: eight tokens, a millisecond apart so that a stream is a stream. */
    public static Behaviour immediate() {
        return new Behaviour(
                Delay.ofMillis(0),
                Duration.ofMillis(1),
                8,
                Delay.ofMillis(0),
                200,
                new Faults.None(),
                Outage.NONE,
                OptionalInt.empty());
    }

    public Behaviour withFirstToken(Delay delay) {
        return new Behaviour(delay, betweenTokens, tokens, health, healthStatus, faults, outage, resetAfterEvents);
    }

    public Behaviour withBetweenTokens(Duration time) {
        return new Behaviour(firstToken, time, tokens, health, healthStatus, faults, outage, resetAfterEvents);
    }

    public Behaviour withTokens(int count) {
        return new Behaviour(firstToken, betweenTokens, count, health, healthStatus, faults, outage, resetAfterEvents);
    }

    public Behaviour withHealth(Delay delay) {
        return new Behaviour(firstToken, betweenTokens, tokens, delay, healthStatus, faults, outage, resetAfterEvents);
    }

    public Behaviour withHealthStatus(int status) {
        return new Behaviour(firstToken, betweenTokens, tokens, health, status, faults, outage, resetAfterEvents);
    }

    public Behaviour withFaults(Faults script) {
        return new Behaviour(firstToken, betweenTokens, tokens, health, healthStatus, script, outage, resetAfterEvents);
    }

    public Behaviour withOutage(Outage kind) {
        return new Behaviour(firstToken, betweenTokens, tokens, health, healthStatus, faults, kind, resetAfterEvents);
    }

    public Behaviour withResetAfterEvents(OptionalInt events) {
        return new Behaviour(firstToken, betweenTokens, tokens, health, healthStatus, faults, outage, events);
    }

    /** Everything takes {@code factor} times as long. */
    public Behaviour slower(double factor) {
        return withFirstToken(firstToken.times(factor))
                .withBetweenTokens(Delay.scaled(betweenTokens, factor))
                .withHealth(health.times(factor));
    }
}
